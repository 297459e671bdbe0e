package conversation

import (
	"strings"
	"time"
	"unicode"

	"intakebot/incident"
)

// BuiltInConsent is a draft of the consent text, used until the customer gives
// its own (CONSENT_FILE). It names each datum that is asked for.
func BuiltInConsent(line incident.Line) string {
	var data []string
	for _, step := range Steps {
		data = append(data, inSentence(step.Label))
	}
	last := len(data) - 1
	return "Чтобы принять обращение, нужны ваши данные: " + strings.Join(data[:last], ", ") + " и " + data[last] + ". " +
		line.Support.Name + " использует их, чтобы устранить неисправность. Если вы попросите вмешаться " + line.Second.Name +
		", данные получит и " + line.Second.Full + ". Отозвать согласие можно в любой момент: /forget.\n\n" + askConsent
}

// inSentence writes a label in the midst of a sentence; an abbreviation stays.
func inSentence(label string) string {
	if letters := []rune(label); len(letters) > 1 && unicode.IsUpper(letters[1]) {
		return label
	}
	return lowerFirst(label)
}

// askConsent shows what the bot is for and asks for consent: nothing is kept
// before it.
func (t *turn) askConsent() {
	note := t.note
	t.note = ""
	ask, details := consentParts(t.Consent)
	head := paragraphs(esc(t.introduction()), t.otherWays())
	if t.Reporter.Consent.Version != "" {
		head = "Текст согласия изменился. Прочитайте его, пожалуйста, и ответьте ещё раз."
	}
	t.prompt(Message{
		HTML: paragraphs(head, "<b>"+esc(ask)+"</b>", details, warning(Complaint(note))),
		Buttons: [][]Button{
			{{labelConsent, "ok:" + t.ConsentVersion, Success}},
			{{labelRefuse, "no", Plain}},
		},
	})
}

const askConsent = "Вы согласны на обработку этих данных?"

// consentParts parts the question at the end of the text from the rest, which
// stands folded under it. A text without one gets ours.
func consentParts(text string) (ask, details string) {
	text = strings.TrimSpace(text)
	ask = askConsent
	if at := strings.LastIndex(text, "\n"); strings.HasSuffix(text, "?") && len(text)-at < 300 {
		ask, text = strings.TrimSpace(text[at+1:]), strings.TrimSpace(text[:max(at, 0)])
	}
	if text == "" {
		return ask, ""
	}
	return ask, "<blockquote expandable>" + esc(text) + "</blockquote>"
}

// justAgreed is how long after the consent its button still leads on.
const justAgreed = 10 * time.Minute

// consent goes straight to the first question.
func (t *turn) consent(version string) {
	switch {
	case t.consented() && (!t.s.Idle() || len(t.Reporter.Incidents) > 0 && t.At.Sub(t.Reporter.Consent.At) > justAgreed):
		t.answer("Вы уже согласились, спасибо.")
		t.resume()
		return
	case t.consented():
		// The consent was kept and the question after it got lost.
	case version != t.ConsentVersion:
		t.answer("Текст согласия изменился, прочитайте его, пожалуйста, ещё раз.")
		t.askConsent()
		return
	default:
		t.agreed = true
		t.effects = append(t.effects, GiveConsent{t.ConsentVersion})
	}
	if t.s.Idle() {
		t.beginReport(nil)
		return
	}
	t.ask("")
}

func (t *turn) refuse(string) {
	if t.consented() {
		t.answer("Вы уже согласились. Отозвать согласие можно так: /forget.")
		t.resume()
		return
	}
	t.s.Screen = []Button{{labelConsent, "ok:" + t.ConsentVersion, Success}}
	t.say(esc(t.refusedText()))
}
