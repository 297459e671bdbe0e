package telegram

import (
	"fmt"
	"strings"
)

// WebhookError says why Telegram will not deliver updates to WEBHOOK_URL. Until
// that is mended, a repetition is refused too.
type WebhookError struct {
	Said string // Telegram's own words
}

// Error implements error.
func (e *WebhookError) Error() string {
	return "Telegram не принимает WEBHOOK_URL: " + InRussian(e.Said)
}

// refusedWebhook finds out whether setWebhook failed because of the address.
func refusedWebhook(err error) error {
	a, answered := answerOf(err)
	if _, said, bad := strings.Cut(strings.ToLower(a.Description), "bad webhook: "); answered && bad {
		return &WebhookError{Said: a.Description[len(a.Description)-len(said):]}
	}
	return err
}

// deliveryWords are parts of what Telegram says of webhooks, and what they mean
// to whoever set one up: of setWebhook's refusals, then of deliveries
// (getWebhookInfo, last_error_message).
var deliveryWords = []struct{ part, russian string }{
	{"only on ports", "порт должен быть 443, 80, 88 или 8443"},
	{"https url must be provided", "нужен адрес https://"},
	{"is reserved", "имя хоста ведёт на внутренний адрес, из интернета он не виден"},
	{"ipv6-only", "у хоста есть только адрес IPv6, нужен IPv4"},
	{"failed to resolve host", "имя хоста не находится в DNS"},
	{"invalid webhook url", "адрес не читается"},

	{"certificate", "сертификату не доверяют: нужен действующий, со всей цепочкой"},
	{"ssl", "соединение TLS не устанавливается: проверьте сертификат и порт"},
	{"tls", "соединение TLS не устанавливается: проверьте сертификат и порт"},
	{"connection refused", "в соединении отказано: на этом порту никто не слушает"},
	{"connection timed out", "соединение не устанавливается: порт закрыт межсетевым экраном?"},
	{"connection reset", "соединение оборвано"},
	{"connection closed", "соединение закрыто без ответа"},
	{"read timeout", "бот или прокси перед ним не отвечает за минуту"},
	{"no route to host", "нет маршрута до хоста"},
	{"network is unreachable", "сеть хоста недоступна"},
	{"name or service not known", "имя хоста не находится в DNS"},
	{"webhook: 401", "бот не признал секрет: WEBHOOK_SECRET у Telegram другой"},
	{"webhook: 404", "по этому адресу бота нет: проверьте путь и прокси перед ботом"},
	{"webhook: 403", "прокси перед ботом не пускает Telegram"},
	{"webhook: 502", "прокси перед ботом не достучался до бота"},
	{"webhook: 503", "бот не принял сообщение: база или Redis не работали, или он запускался"},
	{"webhook: 504", "прокси перед ботом не дождался ответа бота"},
}

// InRussian says what Telegram said of a webhook in Russian, its own words in
// brackets.
func InRussian(said string) string {
	small := strings.ToLower(said)
	for _, w := range deliveryWords {
		if strings.Contains(small, w.part) {
			return fmt.Sprintf("%s (%s)", w.russian, said)
		}
	}
	return said
}
