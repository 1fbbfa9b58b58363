module acme.dev/web
