package mailbox

import (
	"strings"

	"intakebot/incident"
)

// reasons are what enhanced status codes say in plain words (RFC 3463), by their
// beginning, the longer one first.
var reasons = []struct{ status, words string }{
	{"5.1.1", "такого ящика нет"}, {"5.1.2", "такого почтового сервера нет"}, {"5.1.10", "такого ящика нет"}, {"5.1.", "адрес получателя не принят"},
	{"5.2.1", "ящик получателя отключён"}, {"5.2.2", "ящик получателя переполнен"}, {"4.2.2", "ящик получателя переполнен"},
	{"5.2.3", "письмо слишком велико"}, {"5.3.4", "письмо слишком велико"},
	{"5.7.", "сервер получателя отклонил письмо"}, {"4.7.", "сервер получателя пока не принимает письмо"},
	{"4.4.", "сервер получателя не отвечает"}, {"5.4.", "сервер получателя не найден или не отвечает"},
	{"4.", "сервер получателя пока не принимает письмо"}, {"5.", "сервер получателя не принял письмо"},
}

// Why says in plain words why a letter came back or is late, and what the other
// server said.
func (r Report) Why() string {
	said, _ := incident.Cut(strings.TrimSpace(r.Diagnostic), 300)
	for _, one := range reasons {
		if strings.HasPrefix(r.Status, one.status) {
			if said == "" {
				return one.words
			}
			return one.words + " (" + said + ")"
		}
	}
	if said == "" {
		return "сервер получателя не принял письмо"
	}
	return "сервер получателя ответил: " + said
}
