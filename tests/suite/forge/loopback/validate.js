// Holds GraphQL calls and their answers against GitHub's published schema. Reads one exchange a line from its input,
// `{"query", "variables", "answer"}`, and writes what is wrong with them, a line each.
//
// An answer is right where carrying the query out on it gives the same again: the schema then takes every value, and
// nothing is missing or too much.
const { readFileSync } = require("node:fs");
const { isDeepStrictEqual } = require("node:util");
const { createRequire } = require("node:module");
const load = createRequire(process.argv[2] + "/");
const graphql = load("graphql");
const published = `${process.argv[2]}/node_modules/@octokit/graphql-schema/schema.graphql`;
// What is published defines a field twice (15.26.1), which is not ours to judge.
const schema = graphql.buildSchema(readFileSync(published, "utf8"), { assumeValid: true, assumeValidSDL: true });

// A value under the name that the query gives it; lists and absent objects as they are.
const fieldResolver = (source, _arguments, _context, info) => source?.[info.path.key];
const typeResolver = (value, _context, info, type) =>
  schema.getPossibleTypes(type).find(({ name }) => name === kindOf(value, type.name))?.name;

// Which of the possible types an object is: only those that answers hold are told apart.
function kindOf(value, type) {
  if (type === "RepositoryOwner") return "Organization";
  if ("entries" in value) return "Tree";
  if ("byteSize" in value) return "Blob";
  return "Commit";
}

for (const line of readFileSync(0, "utf8").split("\n").filter(Boolean)) {
  const { query, variables, answer } = JSON.parse(line);
  const document = graphql.parse(query);
  const faults = graphql.validate(schema, document).map(({ message }) => message);
  if (faults.length === 0) {
    const again = graphql.executeSync({
      schema, document, rootValue: answer.data, variableValues: variables, fieldResolver, typeResolver,
    });
    faults.push(...(again.errors ?? []).map(({ message, path }) => `${path?.join(".")}: ${message}`));
    const plain = JSON.parse(JSON.stringify(again.data ?? null));
    if (faults.length === 0 && !isDeepStrictEqual(plain, answer.data ?? null)) faults.push("the answer holds more than was asked for");
  }
  for (const fault of faults) console.log(`${fault} in ${query.slice(0, 300).replace(/\s+/g, " ")}`);
}
