from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.core import mail
from django.test import Client, override_settings
from django.utils.html import escape

from accounts.models import PRESETS, ApiToken, SignInFailure, User
from common import clock

pytestmark = [pytest.mark.core, pytest.mark.django_db]
LOGIN, ME = "/accounts/login/", "/api/v1/me/"
PASSWORD = "Correct-Horse-9!"
MEMORY_MAIL = override_settings(EMAIL_BACKEND="django.core.mail.backends.locmem.EmailBackend")


@pytest.fixture
def member(make_user: Callable[..., User]) -> User:
    user = make_user("member")
    user.set_password(PASSWORD)
    user.save()
    return user


@pytest.fixture
def page(member: User) -> Client:
    client = Client()
    client.force_login(member)
    return client


def sign_in(client: Client, password: str = PASSWORD, login: str = "member", **extra: Any) -> Any:
    return client.post(LOGIN, {"login": login, "password": password}, **extra)


@pytest.mark.parametrize("login", ["member", "Member", "member@example.org"])
def test_a_person_signs_in_by_name_or_mail(client: Client, member: User, login: str) -> None:
    response = sign_in(client, login=login)

    assert response.status_code == 302
    assert client.get(ME).json()["username"] == "member"


@pytest.mark.parametrize("forwarded", ["10.0.0.1:5555", "unknown", "x" * 5000])
def test_a_wrong_password_is_counted_whatever_a_proxy_writes(client: Client, member: User, forwarded: str) -> None:
    with override_settings(TRUSTED_PROXIES=1):
        response = sign_in(client, "wrong", headers={"X-Forwarded-For": forwarded})

    assert response.status_code == 200
    assert SignInFailure.objects.count() == 1


def test_the_way_back_is_kept_when_it_is_ours(client: Client, member: User) -> None:
    ours = client.post(LOGIN, {"login": "member", "password": PASSWORD, "next": "/profile/"})
    client.logout()
    foreign = client.post(LOGIN, {"login": "member", "password": PASSWORD, "next": "https://evil.example/"})

    assert ours["Location"] == "/profile/"
    assert "evil" not in foreign["Location"]


def test_a_wrong_password_says_so_on_the_page(client: Client, member: User) -> None:
    response = sign_in(client, "wrong", headers={"Accept": "text/html"})

    assert response.status_code == 200
    assert b"eg-form-errors" in response.content


def test_the_eleventh_wrong_password_in_a_minute_is_too_many(client: Client, member: User) -> None:
    answers = [sign_in(client, "wrong", headers={"X-Forwarded-For": f"6.6.6.{n}"}) for n in range(11)]

    assert [answer.status_code for answer in answers] == [200] * 10 + [429]
    assert answers[-1].json()["code"] == "rate_limited"
    assert answers[-1]["Retry-After"] == "60"
    assert sign_in(client).status_code == 429
    assert sign_in(client, REMOTE_ADDR="10.9.8.7").status_code == 302


def test_a_browser_gets_a_page_when_it_tried_too_often(client: Client, member: User) -> None:
    for _attempt in range(10):
        sign_in(client, "wrong")

    response = sign_in(client, headers={"Accept": "text/html,*/*;q=0.8"})

    assert response.status_code == 429
    assert response["Content-Type"].startswith("text/html")


def test_after_a_minute_one_may_try_again(client: Client, member: User) -> None:
    with clock.frozen(clock.now()) as time:
        for _attempt in range(10):
            sign_in(client, "wrong")
        time.move(timedelta(seconds=61))

        assert sign_in(client).status_code == 302


def test_no_name_is_kept_of_a_failure(client: Client) -> None:
    sign_in(client, "wrong", login="my secret typed here")

    assert "secret" not in repr(list(SignInFailure.objects.values_list()))


def test_nobody_makes_an_account_for_themselves(client: Client) -> None:
    form = {"username": "eve", "email": "eve@example.org", "password1": PASSWORD, "password2": PASSWORD}

    client.post("/accounts/signup/", form)

    assert not User.objects.filter(username="eve").exists()


def test_a_new_password_ends_all_other_sessions(page: Client, member: User) -> None:
    other = Client()
    other.force_login(member)
    form = {"oldpassword": PASSWORD, "password1": "Another-Horse-9!", "password2": "Another-Horse-9!"}

    response = page.post("/accounts/password/change/", form)

    assert response.status_code == 302
    assert page.get(ME).status_code == 200
    assert other.get(ME).status_code == 401


def test_a_short_password_is_refused(page: Client) -> None:
    form = {"oldpassword": PASSWORD, "password1": "Short-9!", "password2": "Short-9!"}

    assert b"12" in page.post("/accounts/password/change/", form).content


@MEMORY_MAIL
def test_a_reset_works_once_and_links_to_the_base_url(client: Client, member: User) -> None:
    client.post("/accounts/password/reset/", {"email": "MEMBER@example.org"})

    message = mail.outbox[0]
    assert message.to == ["member@example.org"]
    link = next(word for word in str(message.body).split() if word.startswith(settings.BASE_URL))
    form = {"password1": "Another-Horse-9!", "password2": "Another-Horse-9!"}
    opened = client.get(link.removeprefix(settings.BASE_URL))
    client.post(opened["Location"], form)
    assert sign_in(Client(), "Another-Horse-9!").status_code == 302
    again = Client().get(link.removeprefix(settings.BASE_URL), follow=True)
    assert b"used before" in again.content


@MEMORY_MAIL
@pytest.mark.parametrize("typed", ["mıke@example.org", "nobody@example.org"])
def test_an_unknown_address_gets_the_same_answer_and_no_mail(
    client: Client, make_user: Callable[..., User], typed: str
) -> None:
    make_user("mike")

    response = client.post("/accounts/password/reset/", {"email": typed})

    assert response.status_code == 302
    assert not mail.outbox


def test_a_session_ends_after_seven_days_however_busy(page: Client) -> None:
    with clock.frozen(clock.now()) as time:
        seen = []
        for _half_day in range(15):
            seen.append(page.get(ME).status_code)
            time.move(timedelta(hours=12))

    assert seen == [200] * 15
    with clock.frozen(clock.now() + timedelta(days=7, hours=13)):
        assert page.get(ME).status_code == 401


def test_personas_exist_in_the_demo_only(client: Client, make_user: Callable[..., User]) -> None:
    make_user("pm-reco")
    make_user("admin", is_admin=True)

    def enter(key: str) -> int:
        return client.post("/accounts/login/as/", {"persona": key}).status_code

    assert enter("pm-reco") == 404
    with override_settings(DEMO=True):
        assert b"I ship models" in client.get(LOGIN).content
        assert enter("admin") == 404
        assert enter("pm-reco") == 302
    assert client.get(ME).json()["username"] == "pm-reco"


def test_the_profile_saves_preferences(page: Client, member: User) -> None:
    form = {
        "version": 1,
        "name": "Member",
        "timezone": "Asia/Shanghai",
        "theme": "dark",
        "mail_at": "08:00",
        "working_days": ["1", "2"],
    }

    saved = page.post("/profile/", form)
    stale = page.post("/profile/", form)

    member.refresh_from_db()
    assert saved.status_code == 302
    assert (member.timezone, member.theme, member.digest, member.working_days) == (
        "Asia/Shanghai",
        "dark",
        False,
        [1, 2],
    )
    assert stale.status_code == 412
    assert b'value="2"' in stale.content


def test_the_profile_speaks_the_language_of_the_profile(page: Client, member: User) -> None:
    page.post("/profile/switch/", {"language": "zh-hans", "next": "/profile/"})

    response = page.get("/profile/", headers={"Accept-Language": "en"})

    assert response["Content-Language"] == "zh-hans"
    assert b'lang="zh-Hans"' in response.content


def test_a_visitor_keeps_the_choice_in_a_cookie(client: Client) -> None:
    client.post("/profile/switch/", {"language": "zh-hans", "theme": "dark"})

    response = client.get(LOGIN)

    assert response["Content-Language"] == "zh-hans"
    assert b'data-bs-theme="dark"' in response.content


def test_the_browser_is_asked_when_nobody_chose(client: Client) -> None:
    assert client.get(LOGIN, headers={"Accept-Language": "zh-CN,en;q=0.5"})["Content-Language"] == "zh-hans"


def test_a_token_made_on_the_page_is_shown_once(page: Client, member: User) -> None:
    made = page.post("/profile/tokens/", {"name": "<ci>", "days": 30, "preset": "own", "scopes": ["metrics:write"]})
    shown, again = page.get(made["Location"]), page.get(made["Location"])

    assert made.status_code == 302
    assert made.cookies["shown-once"]["httponly"]
    token = ApiToken.objects.get()
    assert f"egt_{token.public_id}_".encode() in shown.content
    assert "no-store" in shown["Cache-Control"]
    assert b"Copy the token now" in shown.content
    assert b"Copy the token now" not in again.content
    listed = again.content
    assert escape("<ci>").encode() in listed
    page.post(f"/profile/tokens/{token.pk}/revoke/")
    token.refresh_from_db()
    assert token.is_revoked


def test_the_first_page_says_what_this_is_before_anything_else_on_a_phone(client: Client) -> None:
    # The promise stands in the other half, which a phone shows last.
    below = client.get(LOGIN).content.decode().partition('class="eg-door-r"')[2]

    assert "says at each gate what is still missing." in below.partition("<h2")[0]


@pytest.mark.parametrize("preset", PRESETS)
def test_a_preset_is_one_choice_on_the_page(page: Client, preset: str) -> None:
    offered = page.get("/profile/tokens/").content.decode()
    made = page.post("/profile/tokens/", {"name": "build", "days": 30, "preset": preset, "scopes": ["risks:write"]})

    assert f'type="radio" name="preset" value="{preset}"' in offered
    assert made.status_code == 302
    assert set(ApiToken.objects.get().scopes) == {*PRESETS[preset], "risks:write"}


def test_a_token_without_preset_needs_a_tick(page: Client) -> None:
    refused = page.post("/profile/tokens/", {"name": "build", "days": 30, "preset": "own"})

    assert refused.status_code == 422
    assert "Tick at least one, or choose a preset." in refused.content.decode()
    assert not ApiToken.objects.exists()


@pytest.mark.parametrize("path", ["/profile/", "/profile/tokens/", "/accounts/password/change/"])
def test_visitors_are_sent_to_the_sign_in(client: Client, path: str) -> None:
    assert client.get(path)["Location"] == f"{LOGIN}?next={path}"


@pytest.mark.parametrize(
    "path", [LOGIN, "/accounts/password/reset/", "/accounts/password/reset/done/", "/accounts/signup/"]
)
def test_the_pages_before_the_sign_in_open(client: Client, path: str) -> None:
    assert client.get(path).status_code == 200


@pytest.mark.parametrize(("language", "words"), [("en", "Back to Eightgate"), ("zh-CN", "返回 Eightgate")])
def test_the_apis_description_leads_back(client: Client, language: str, words: str) -> None:
    body = client.get("/api/docs/", headers={"Accept-Language": language}).content.decode()

    assert f'href="/">← {words}</a>' in body


def test_the_codes_of_problems_stand_on_a_page(client: Client) -> None:
    assert b'id="unknown_field"' in client.get("/api/docs/problems/").content
