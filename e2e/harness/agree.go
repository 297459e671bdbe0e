package harness

import (
	"intakebot/incident"
)

// Notices are the first lines by which a person learns of what happened, with
// %s where the number stands.
var Notices = []struct {
	Kind  incident.Kind
	Begin string
}{
	{incident.KindTaken, "Обращение № %s взято в работу."},
	{incident.KindHandedOver, "Обращением № %s теперь занимается другой"},
	{incident.KindReturned, "Обращение № %s снова в очереди"},
	{incident.KindAsked, "❓ Вопрос техподдержки, обращение № %s"},
	{incident.KindSolved, "✅ Техподдержка: обращение № %s решено"},
	{incident.KindRelayed, "Техподдержка, обращение № %s:"},
	{incident.KindConfirmed, "Обращение № %s закрыто. Спасибо!"},
	{incident.KindFinished, "Обращение № %s закрыто. Спасибо!"},
	{incident.KindRejected, "Обращение № %s снова в работе."},
	{incident.KindWithdrawn, "Обращение № %s отозвано."},
}

// WithWords are the kinds whose notice quotes the desk.
var WithWords = []incident.Kind{incident.KindAsked, incident.KindSolved, incident.KindRelayed}
