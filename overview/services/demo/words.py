"""What the people of the demo say where the content gives only the facts: why they vote, and how their project does."""

from dataclasses import dataclass

IN_FAVOUR = {
    "go": {
        "": "The required checks are met, and nothing that I answer for speaks against it.",
        "sponsor": "The case still holds, and the money spent is within what I expected at this point.",
        "finance_partner": "The plan is costed and the reserve is untouched beyond what was agreed.",
        "risk_officer": "What is open is known, owned and accepted where it has to be.",
        "ethics_reviewer": "Those affected were heard, and what they asked for is in the plan.",
        "privacy_officer": "Personal data is limited to the purpose, and the retention is settled.",
        "data_owner": "The data is used as agreed with those it comes from.",
        "domain_expert": "It fits how the work is really done.",
        "security_lead": "The threats are named and each has an answer that can be tested.",
        "ops_lead": "We can run this, and we know how to switch it off.",
        "evaluator": "I could repeat the figures from what was handed in.",
    },
    "conditional_go": {
        "": "Design need not wait for it, but training is not the last word. I rest on the condition that is set.",
        "domain_expert": "The data is sound for those it covers. It covers too few women, so I set a condition.",
        "data_owner": "The agreement with the second hospital is being signed; until then the condition stands.",
    },
}
AGAINST = {"legal_counsel": "Coverage is part of what we promise. Close the gap before anything is built on it."}
# The reason that a loop back is counted under.
RECYCLED_FOR = {"RECO": "model_quality", "MEDR": "fairness", "CARE": "data_quality"}


@dataclass(frozen=True, slots=True)
class Said:
    """One entry of a project's log."""

    day: int
    by: str
    health: str
    percent: int
    text: str
    blockers: str = ""


LOG: dict[str, tuple[Said, ...]] = {
    "RECO": (
        Said(-115, "pm-reco", "on_track", 20, "Requirements passed: NDCG@10 of 0.42 and 1.5 seconds are agreed."),
        Said(-60, "pm-reco", "on_track", 40, "Design passed two days early."),
        Said(
            -16,
            "pm-reco",
            "at_risk",
            60,
            "Gate 6 sent 1.1.0 back to training: 12.4 points weaker for new customers.",
            "Cold-start data for new customers is missing.",
        ),
        Said(-8, "pm-reco", "on_track", 80, "Gate 6 passed in its second run: worst-slice gap 5.2, limit 10."),
        Said(
            -1,
            "ops-lead",
            "on_track",
            88,
            "Canary on 10% of traffic: quality 0.6 above the control. Complaints are up, 3.4 against 3.2; watched "
            "until the canary ends.",
        ),
    ),
    "MEDR": (
        Said(-150, "pm-med", "on_track", 20, "Requirements passed: AUROC of 0.80, against 0.71 of the score in use."),
        Said(
            -100,
            "pm-med",
            "at_risk",
            35,
            "Gate 3 passed on a condition: women are 31% of the data but 52% of patients.",
            "The second hospital has not signed yet.",
        ),
        Said(-44, "pm-med", "at_risk", 60, "Version 0.8 is trained: 16.6 points above the score in use."),
        Said(
            -26,
            "pm-med",
            "off_track",
            60,
            "Gate 6 sent 0.8 back to training: recall for women is 12.7 points lower.",
            "Hospital B has not delivered.",
        ),
        Said(
            -5,
            "pm-med",
            "off_track",
            65,
            "Reweighting brought the gap from 12.7 to 9.4; the limit is 5. More of the same will not close it.",
            "The condition of Gate 3 is overdue: hospital B has still not delivered.",
        ),
    ),
    "CARE": (
        Said(-67, "pm-care", "on_track", 15, "Started: a retrieval assistant on tickets, manuals and the forum."),
        Said(-39, "pm-care", "at_risk", 30, "Requirements passed a week late; the limit on wrong answers is now 4%."),
        Said(
            -9,
            "data-lead",
            "at_risk",
            35,
            "First run over the corpus: 96.4% of tickets fit the schema, 92.7% of samples are clean.",
            "Nobody can say who owns the forum posts.",
        ),
        Said(
            -2,
            "data-lead",
            "at_risk",
            38,
            "Second run: 97.9% and 94.1%. Closer, and still below 99% and 96%.",
            "Phone numbers in call notes; forum posts without a recorded owner.",
        ),
    ),
}
