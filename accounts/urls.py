"""Sign-in, passwords, the profile."""

from allauth.account import views as allauth
from django.urls import URLPattern, path, re_path

from accounts import api as endpoints
from accounts import views

pages: list[URLPattern] = [
    path("accounts/login/", views.sign_in, name="account_login"),
    path("accounts/login/as/", views.sign_in_as, name="sign-in-as"),
    path("accounts/logout/", allauth.logout, name="account_logout"),
    path("accounts/signup/", allauth.signup, name="account_signup"),
    path("accounts/inactive/", allauth.account_inactive, name="account_inactive"),
    path("accounts/reauthenticate/", allauth.reauthenticate, name="account_reauthenticate"),
    path("accounts/password/change/", allauth.password_change, name="account_change_password"),
    path("accounts/password/set/", allauth.password_set, name="account_set_password"),
    path("accounts/password/reset/", allauth.password_reset, name="account_reset_password"),
    path("accounts/password/reset/done/", allauth.password_reset_done, name="account_reset_password_done"),
    re_path(
        r"^accounts/password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        allauth.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path(
        "accounts/password/reset/key/done/",
        allauth.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
    path("profile/", views.profile, name="profile"),
    path("profile/switch/", views.choose, name="choose"),
]

api: list[URLPattern] = [
    path("me/", endpoints.Me.as_view(), name="api-me"),
    path("users/<str:username>/", endpoints.Account.as_view(), name="api-user"),
]
