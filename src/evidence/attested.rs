//! Requirements that somebody attests.

use super::status::{Answer, Channel, Enforced, Said, Status};
use crate::policy::{Attestation, AttestationNeed, AttestationStanding, Day, Policy};

/// What the attestations of a policy say of a requirement for a repository; the one that counts longest speaks.
pub(super) fn answer(
    policy: &Policy,
    need: &AttestationNeed,
    repository: Option<&str>,
    today: Day,
) -> Answer {
    let meant = policy
        .attestations
        .iter()
        .filter(|attestation| attestation.content.kind == need.kind && attestation.concerns(repository));
    let mut said: Vec<&Attestation> = Vec::new();
    let mut to_come = None;
    for attestation in meant {
        match attestation.standing(need.within, today) {
            AttestationStanding::ToCome(_) => to_come = Some(attestation),
            _ => said.push(attestation),
        }
    }
    let Some(attestation) = said.into_iter().max_by_key(|attestation| attestation.ends(need.within)) else {
        return Answer::new(
            Status::NotShown,
            match to_come {
                Some(attestation) => {
                    format!(
                        "attestation `{}` speaks of {}, still to come",
                        attestation.id, attestation.content.date
                    )
                }
                None => format!("nobody attests `{}`", need.kind),
            },
        );
    };
    let until = attestation.ends(need.within);
    let content = &attestation.content;
    let (status, why) = match attestation.standing(need.within, today) {
        AttestationStanding::Overdue(days) => {
            let days = if days == 1 { "1 day".to_owned() } else { format!("{days} days") };
            (Status::Overdue, format!("{} of {} has been due for {days}", content.kind, content.owner))
        }
        _ => (Status::Attested, format!("{} on {}: {}", content.owner, content.date, content.says)),
    };
    Answer {
        until: Some(until),
        enforced: vec![Enforced { by: Channel::People, place: attestation.place("kind").to_string() }],
        attestation: Some(Said {
            id: attestation.id.clone(),
            says: content.says.clone(),
            owner: content.owner.clone(),
            date: content.date,
            evidence: content.evidence.clone(),
        }),
        ..Answer::new(status, why)
    }
}
