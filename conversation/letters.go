package conversation

import (
	"strings"
	"time"

	"intakebot/incident"
)

// What people are told of letters.

// letterAbout begins what is said of a letter: the number follows.
func (d *Dialogue) letterAbout() string {
	return "Письмо в " + esc(d.Line.Second.Name) + " по обращению "
}

// escalationLines tell of the letters to УИТ.
func (d *Dialogue) escalationLines(i incident.Incident, now time.Time) string {
	const most = 5
	var lines []string
	for _, e := range i.Escalations[max(0, len(i.Escalations)-most):] {
		lines = append(lines, "Письмо в "+esc(d.Line.Second.Name)+" от "+d.stamp(e.At, now)+": "+d.letterState(e, now)+".")
	}
	return strings.Join(lines, "\n")
}

func (d *Dialogue) letterState(e incident.Escalation, now time.Time) string {
	switch e.Letter {
	case incident.LetterReturned:
		return "вернулось, не принято (" + esc(incident.CutUnits(e.Problem, 100)) + ")"
	case incident.LetterSent:
		if !e.ReceivedAt.IsZero() {
			return d.receivedBy() + d.When(e.ReceivedAt, now)
		}
		return "принято почтовым сервером " + d.When(e.SettledAt, now)
	case incident.LetterRefused:
		return "не принято (" + esc(incident.CutUnits(e.Problem, 100)) + ")"
	}
	return "в очереди на отправку"
}

// EscalationQueued tells the person that the letter is on its way.
func (d *Dialogue) EscalationQueued(i incident.Incident) Message {
	return Message{HTML: paragraphs(
		d.letterAbout()+copyable(i.Number)+" в очереди.",
		"Напишем, когда почтовый сервер его примет. Техподдержка об эскалации тоже знает.",
	)}
}

// EscalationDelayed tells the person that the letter waits for the mail server,
// and that nobody has to do anything about it.
func (d *Dialogue) EscalationDelayed(i incident.Incident, now time.Time) Message {
	return Message{HTML: paragraphs(
		d.letterAbout()+copyable(i.Number)+" пока ждёт: почтовый сервер не работает.",
		"Оно уйдёт само, как только сервер заработает, и мы об этом напишем. Техподдержка о сбое знает. "+d.urgent(now),
	)}
}

// EscalationSent tells the person that a mail server accepted the letter.
func (d *Dialogue) EscalationSent(i incident.Incident, e incident.Escalation, now time.Time) Message {
	return Message{HTML: paragraphs(
		d.letterAbout()+copyable(i.Number)+" отправлено.",
		"Почтовый сервер принял его "+d.When(e.SettledAt, now)+". Ответ придёт на "+esc(i.Answers.Get(incident.Email))+d.andHere()+".",
	)}
}

// letterShown is how much of a letter fits into one message with its frame,
// in UTF-16 units.
const letterShown = 3000

// LetterByHand is a letter that did not go, to be sent by the person.
type LetterByHand struct{ To, Text string }

// EscalationRefused tells the person that the letter cannot go, why, and how
// to send it by hand.
func (d *Dialogue) EscalationRefused(i incident.Incident, e incident.Escalation, l LetterByHand) Message {
	what := " не принято."
	if e.Letter == incident.LetterReturned {
		what = " вернулось: сервером получателя не принято."
	}
	return Message{HTML: paragraphs(
		"⚠️ "+d.letterAbout()+copyable(i.Number)+what,
		esc(LetterProblem(e.Problem, 300)),
		"Отправьте его, пожалуйста, со своей почты на <code>"+esc(l.To)+"</code> — текст ниже копируется касанием. "+
			"Или попробуйте ещё раз: «"+esc(d.labelEscalate())+"».",
		"<pre>"+esc(incident.CutUnits(l.Text, letterShown))+"</pre>",
	)}
}

// LetterProblem says why a letter did not go, in at most about limit UTF-16
// units: the mail server's answer, which begins with its code, or a reason of
// our own.
func LetterProblem(problem string, limit int) string {
	says := "Причина: "
	if problem != "" && problem[0] >= '0' && problem[0] <= '9' {
		says = "Почтовый сервер ответил: "
	}
	return says + incident.CutUnits(problem, limit)
}

// CopyRefused tells the person that support's mailbox refused the copy, and
// that nothing is lost by it.
func (d *Dialogue) CopyRefused(i incident.Incident) Message {
	return Message{HTML: paragraphs(
		"Письмо с копией обращения "+copyable(i.Number)+" не принято почтовым сервером техподдержки.",
		"Само обращение зарегистрировано, техподдержка видит его в своей группе. Делать ничего не нужно.",
	), About: i.Number}
}

// EscalationBlocked says why a letter about the incident cannot be sent now,
// and from when it can.
func (d *Dialogue) EscalationBlocked(i incident.Incident, why incident.Refusal, from, now time.Time) string {
	switch why {
	case incident.NotOpen:
		is := d.standing(i, now)
		if i.Allows(incident.Reject, now) {
			return "Обращение " + numbered(i.Number) + " " + is + ". Если не работает, верните его в работу: /reopen " +
				string(i.Number) + ". Тогда можно будет и эскалировать."
		}
		return "Эскалировать " + numbered(i.Number) + " уже нельзя: оно " + is + "."
	case incident.LetterWaiting:
		return d.letterAbout() + numbered(i.Number) + " ещё в очереди, второе не нужно."
	case incident.TooSoon:
		e, _ := i.LastEscalation()
		return d.letterAbout() + numbered(i.Number) + " отправлено " + d.When(e.At, now) +
			". Следующее можно отправить " + d.from(from, now) + "."
	}
	return ""
}
