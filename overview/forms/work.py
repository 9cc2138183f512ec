"""What a row of my work sends besides lifecycle's forms."""

from django import forms


class ActionDoneForm(forms.Form):
    """The version is that of the row its reader saw; `open` takes it back."""

    version = forms.IntegerField(min_value=1)
    state = forms.ChoiceField(choices=[("met", "met"), ("open", "open")], required=False)
