"""Sign-in, the profile, tokens."""

from allauth.account import views as allauth
from django.urls import URLPattern, path

pages: list[URLPattern] = [
    path("accounts/login/", allauth.login, name="account_login"),
    path("accounts/logout/", allauth.logout, name="account_logout"),
]
api: list[URLPattern] = []
