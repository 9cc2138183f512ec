"""Chinese: full-width punctuation, figures as figures, roles before names."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from common.days import passed
from common.texts import as_read, localised
from lifecycle.criteria.findings import Blocker
from lifecycle.criteria.readiness import Readiness, Verdict
from lifecycle.criteria.wording.shapes import (
    SHOWN,
    Clause,
    Decided,
    Sentence,
    assessment_name,
    figure,
    metric_name,
    role_name,
)

AIMS = {
    "initiation": "立项",
    "requirements": "需求",
    "data": "数据",
    "design": "设计",
    "training": "冻结",
    "evaluation": "发布",
    "deployment": "上线",
    "maintenance": "续用",
}
PARTS = {"model": "模型", "dataset": "训练数据", "prompt": "提示词", "code": "代码"}
LEVELS = {"low": "低", "medium": "中", "high": "高", "critical": "极高"}
DECISIONS = {"go": "通过", "conditional_go": "有条件通过", "hold": "暂缓", "recycle": "返工", "kill": "终止"}
STATES = {"on_hold": "暂缓", "completed": "已完成", "killed": "已终止", "retired": "已退役", "archived": "已归档"}


def sentence(readiness: Readiness) -> Sentence:
    builders = {Verdict.FAIL: _fail, Verdict.STALE: _stale, Verdict.WAITING: _waiting, Verdict.PASS: _pass}
    return builders[readiness.verdict](readiness)


def _fail(readiness: Readiness) -> Sentence:
    return _with_clauses(
        "不可通过。", f"{readiness.facts.project_name}距{_aim(readiness)}还差{len(readiness.blockers)}件事：", readiness
    )


def _stale(readiness: Readiness) -> Sentence:
    count = sum(1 for blocker in readiness.blockers if blocker.weight == "stale")
    stale = [blocker for blocker in readiness.blockers if blocker.weight == "stale"]
    return _with_clauses("尚不可定。", f"{count}项结果已过时：", readiness, stale)


def _waiting(readiness: Readiness) -> Sentence:
    if day := readiness.facts.review_on:
        due = f"{day.year}年{day.month}月{day.day}日"
        lead = f"{readiness.facts.project_name}在{due}的复审前还有{len(readiness.blockers)}项待办："
        return _with_clauses("运行中。", lead, readiness)
    people = len({role for blocker in readiness.blockers for role in blocker.who[:1]})
    return _with_clauses(
        f"等待{people}人。",
        f"{readiness.facts.project_name}距{_aim(readiness)}还有{len(readiness.blockers)}项待办：",
        readiness,
    )


def _pass(readiness: Readiness) -> Sentence:
    return Sentence("可以通过。", f"{readiness.required}项必需检查均已满足，还需{readiness.votes_needed}票。")


def decided(facts: Decided) -> Sentence:
    word = localised(facts.name) if facts.name else DECISIONS[facts.decision]
    since = "" if facts.changed is None else f"，此后有{facts.changed}项变化" if facts.changed else "，此后无变化"
    day = f"{facts.day.year}年{facts.day.month}月{facts.day.day}日"
    return Sentence(f"{word}。", f"“{localised(facts.gate)}”已于{day}由{facts.votes}票决定{since}。")


def _with_clauses(word: str, lead: str, readiness: Readiness, some: Sequence[Blocker] | None = None) -> Sentence:
    blockers = readiness.blockers if some is None else some
    shown = [replace(clause(blocker, readiness), blocker=blocker) for blocker in blockers[:SHOWN]]
    more = len(blockers) - len(shown)
    joints = ["；"] * (len(shown) - 1) + [f"；另有{more}件。" if more else "。"]
    return Sentence(word, lead, tuple(shown), tuple(joints))


def clause(blocker: Blocker, readiness: Readiness) -> Clause:
    about, days = blocker.about, _days(blocker, readiness)
    who = role_name(blocker.who[0]) if blocker.who else "尚无责任人"
    match blocker.code:
        case "metric_out_of_limit":
            hints = [about["slice"]] if about["slice"] else []
            hints += [f"n={about['n']}"] if about["n"] else []
            hint = "，".join([*hints, f"已{days}天"])
            return Clause(
                metric_name(about["metric"]),
                f" {figure(about, 'value')}，限值 {figure(about, 'limit')}",
                f"（{hint}；{who}）",
            )
        case "metric_missing":
            missing = "没有可比的基线" if about.get("without_baseline") else "尚无结果"
            return Clause(metric_name(about["metric"]), missing, f"（{who}）")
        case "risk_open":
            tail = "须重新评分" if about["rescore"] else f"无人接受（{_accepters(blocker)}）"
            return Clause("", f"{LEVELS[about['level']]}风险“{about['title']}”", tail)
        case "condition_overdue":
            return Clause("关口条件", f"已逾期{days}天", f"（{about['owner']}）")
        case "project_not_active":
            return Clause("项目", f"{STATES.get(about['state'], '未在进行')}", "")
        case code if code.endswith("_stale"):
            return Clause(_subject(blocker), _moves(blocker), f"（{who}）")
    return Clause("", who, f"，{_short(blocker)}（已{days}天）")


def title(blocker: Blocker) -> str:
    about = blocker.about
    match blocker.code:
        case "metric_out_of_limit":
            return f"{metric_name(about['metric'])} {figure(about, 'value')}，限值 {figure(about, 'limit')}"
        case "metric_missing":
            return f"{metric_name(about['metric'])}尚无结果，须{_bound(about['operator'])} {figure(about, 'limit')}"
        case "risk_open":
            return f"{about['title']}：{LEVELS[about['level']]}，" + ("未重新评分" if about["rescore"] else "无人接受")
        case "condition_overdue":
            return f"{about['due_on'].month}月{about['due_on'].day}日到期的条件已逾期"
        case "project_not_active":
            return f"项目{STATES.get(about['state'], '未在进行')}"
    return _subject(blocker)


def detail(blocker: Blocker) -> str:
    return DETAILS[blocker.code](blocker)


def _out_of_limit(blocker: Blocker) -> str:
    about = blocker.about
    hints = ([about["slice"]] if about["slice"] else []) + ([f"n={about['n']}"] if about["n"] else [])
    if about["measured"] != about["value"]:
        hints += [f"区间较差一端，实测 {figure(about, 'measured')}"]
    hint = f"（{'，'.join(hints)}）" if hints else ""
    limit = f"{_bound(about['operator'])} {figure(about, 'limit')}"
    against = f"相对 {about['baseline']} " if about["change"] else ""
    return f"{metric_name(about['metric'])}{against}为 {figure(about, 'value')}{hint}，限值为{limit}。"


def _missing(blocker: Blocker) -> str:
    about = blocker.about
    if about.get("without_baseline"):
        model, bound = about["baseline"], _bound(about["operator"])
        lacking = f"基线模型 {model} 尚无可比的结果" if model else "项目尚未指定基线模型"
        return f"{metric_name(about['metric'])}须与基线比较，{lacking}；变化须{bound} {figure(about, 'limit')}。"
    return f"{metric_name(about['metric'])}尚无结果，须{_bound(about['operator'])} {figure(about, 'limit')}。"


def _risk(blocker: Blocker) -> str:
    about = blocker.about
    others = f"等{about['count']}项风险" if about["count"] > 1 else ""
    if about["rescore"]:
        return f"“{about['title']}”{others}未在{about['days']}天内重新评分。"
    return f"“{about['title']}”（{about['score']}分，{LEVELS[about['level']]}）{others}处于开放状态，无人接受。"


def _assessment(blocker: Blocker) -> str:
    words = {"none": "尚未开始", "draft": "仍为草稿", "submitted": "等待签署", "expired": "已过期"}
    waits = f"：{'、'.join(map(role_name, blocker.who))}" if blocker.about["stands"] == "submitted" else ""
    return f"“{assessment_name(blocker.about['assessment'])}”{words[blocker.about['stands']]}{waits}。"


def _stale_detail(blocker: Blocker) -> str:
    return f"{_subject(blocker)}{_moves(blocker)}。"


def _overdue(blocker: Blocker) -> str:
    due = blocker.about["due_on"]
    return f"条件应于{due.year}年{due.month}月{due.day}日完成：{blocker.about['text']}"


DETAILS: dict[str, Callable[[Blocker], str]] = {
    "metric_out_of_limit": _out_of_limit,
    "metric_missing": _missing,
    "metric_stale": _stale_detail,
    "evidence_missing": lambda blocker: (
        "证据所述时间早于返工；只有此后产生的才算数。" if blocker.about.get("old") else "尚未附上证据。"
    ),
    "evidence_expired": lambda blocker: f"证据“{as_read(blocker.about['proof'])}”已过期。",
    "evidence_stale": _stale_detail,
    "risk_open": _risk,
    "assessment_not_approved": _assessment,
    "assessment_stale": _stale_detail,
    "approval_missing": lambda blocker: (
        "准入问卷的某项回答须先由法务判断，项目才能通过关口。"
        if "intake" in blocker.about
        else f"缺少{role_name(blocker.about['role'])}的签署。"
    ),
    "approval_stale": _stale_detail,
    "condition_overdue": _overdue,
    "check_open": lambda blocker: "须有人重新查看并确认。" if blocker.about.get("reverify") else "尚未勾选。",
    "project_not_active": lambda blocker: f"项目{STATES.get(blocker.about['state'], '未在进行')}。",
}


def _accepters(blocker: Blocker) -> str:
    """A critical risk takes all of them, a high one any of them (permissions row 21)."""
    joint = "与" if blocker.about["level"] == "critical" else "或"
    return joint.join(map(role_name, blocker.who))


def _subject(blocker: Blocker) -> str:
    if "metric" in blocker.about:
        return metric_name(blocker.about["metric"])
    if "assessment" in blocker.about:
        return assessment_name(blocker.about["assessment"])
    return localised(blocker.about.get("text")).rstrip("。")


def _short(blocker: Blocker) -> str:
    """Within the sentence: the check's text up to its first stop."""
    return re.split(r"[，；：。（]", _subject(blocker))[0]


def _moves(blocker: Blocker) -> str:
    first = blocker.about["moved"][0]
    return f"针对的{PARTS[first.part]}是 {first.was}，现为 {first.now}"


def _bound(operator: str) -> str:
    return "不低于" if operator == ">=" else "不高于"


def _days(blocker: Blocker, readiness: Readiness) -> int:
    return passed(blocker.since, readiness.facts.today)


def _aim(readiness: Readiness) -> str:
    return AIMS.get(readiness.facts.stage, "下一阶段")
