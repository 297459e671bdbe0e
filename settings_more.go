package main

import (
	"net/url"
	"strings"
)

// botID is the bot's own id, the part of the token that is no secret.
func (s Settings) botID() string {
	id, _, _ := strings.Cut(s.Token, ":")
	return id
}

// webhookPath is where the webhook is served, as its address says.
func (s Settings) webhookPath() string {
	u, err := url.Parse(s.WebhookURL)
	if err != nil || u.Path == "" {
		return "/"
	}
	return u.Path
}

// Variables are the names of all variables of the environment.
func Variables() (names []string) {
	for _, v := range variables {
		names = append(names, v.name)
	}
	return names
}
