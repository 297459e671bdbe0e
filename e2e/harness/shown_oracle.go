package harness

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"intakebot/incident"
	"intakebot/outbox"
	"intakebot/simulator"
)

// exampleNumber stands in the desk's instructions.
const exampleNumber = "26-00001-4"

// numbersShown: every number that anybody reads is in the register, a person
// reads her own only, and every reporter has read hers, or support knows that
// she cannot be reached.
func (o *Oracle) numbersShown(ctx context.Context) error {
	shown := map[incident.Number]bool{}
	o.texts(func(chat int64, text string) {
		for _, found := range NumberForm.FindAllString(text, -1) {
			i := o.of[incident.Number(found)]
			switch {
			case found == exampleNumber:
			case i == nil:
				o.wrong("", max(chat, 0), "%d reads %s, which is not in the register: %q", chat, found, text)
			case chat > 0 && i.Reporter != chat:
				o.wrong(i.Number, chat, "%d reads the number of %d: %q", chat, i.Reporter, text)
			case chat > 0:
				shown[i.Number] = true
			}
		}
	})
	for _, l := range o.Mail.Letters() {
		for _, found := range NumberForm.FindAllString(l.Subject()+"\n"+l.Text()+"\n"+l.Header("X-Incident-Number"), -1) {
			if o.of[incident.Number(found)] == nil {
				o.wrong("", 0, "a letter names %s, which is not in the register: %s", found, l.Subject())
			}
		}
	}
	for _, i := range o.incidents {
		if shown[i.Number] {
			continue
		}
		var away int64
		err := o.db.QueryRowContext(ctx, `SELECT coalesce(max(unreachable_at), 0) FROM people WHERE chat = ?`, i.Reporter).Scan(&away)
		if err != nil {
			return err
		}
		if away == 0 && !(o.Ledger.deaf(i.Reporter) && o.deskReads(i.Number, "сообщение заявителю не отправлено")) {
			o.wrong(i.Number, 0, "%d was never shown the number %s", i.Reporter, i.Number)
		}
	}
	return nil
}

// deskReads: some message in the group holds the number and one of the parts,
// or did before it was edited.
func (o *Oracle) deskReads(n incident.Number, parts ...string) (found bool) {
	o.texts(func(chat int64, text string) {
		holdsPart := slices.ContainsFunc(parts, func(p string) bool { return Holds(text, p) })
		found = found || chat < 0 && holdsPart && strings.Contains(text, string(n))
	})
	return found
}

func reads(messages []simulator.Message, n incident.Number, parts []string) bool {
	for _, m := range messages {
		holdsPart := slices.ContainsFunc(parts, func(p string) bool { return Holds(m.Body(), p) })
		if m.FromBot && holdsPart && strings.Contains(m.Body(), string(n)) {
			return true
		}
	}
	return false
}

// toldInOrder: the person was told of everything that happened to an incident,
// in its order; a message may repeat itself. Who could not be reached for a
// while may have missed some, and hears others late when the desk retries.
func (o *Oracle) toldInOrder(context.Context) error {
	for _, i := range o.incidents {
		var want, got []string
		for _, e := range i.History {
			for _, n := range Notices {
				quoted := slices.Contains(WithWords, n.Kind)
				if n.Kind == e.Kind && (!quoted || e.Text != "") { // files go without a word
					want = append(want, o.notice(i, n.Begin, e.Text, quoted))
				}
			}
		}
		for _, m := range o.said[i.Reporter] {
			if !m.FromBot {
				continue
			}
			for _, n := range slices.Backward(Notices) { // two kinds have one text
				if !strings.HasPrefix(Plain(m.FirstLine()), fmt.Sprintf(n.Begin, i.Number)) {
					continue
				}
				_, said, _ := strings.Cut(m.Body(), "\n\n")
				got = append(got, o.notice(i, n.Begin, said, slices.Contains(WithWords, n.Kind)))
				break
			}
		}
		want, got = slices.Compact(want), slices.Compact(got)
		if ok := slices.Equal(want, got) || o.Ledger.deaf(i.Reporter) && within(want, got); !ok {
			o.wrong(i.Number, 0, "the person of %s was to be told\n  %q and was told\n  %q", i.Number, want, got)
		}
	}
	return nil
}

// deskToldAll: whatever a person added to an incident, or changed of it, the
// group was shown.
func (o *Oracle) deskToldAll(context.Context) error {
	var shown strings.Builder
	o.texts(func(chat int64, text string) {
		if chat < 0 {
			shown.WriteString(text + "\n")
		}
	})
	all := shown.String()
	for _, i := range o.incidents {
		for _, e := range i.History {
			if e.Kind != incident.KindAdded && e.Kind != incident.KindAmended {
				continue
			}
			for _, w := range LedgerWord.FindAllString(e.Text, -1) {
				if !strings.Contains(all, w) {
					o.wrong(i.Number, 0, "the group was not shown what was added to %s: %s", i.Number, w)
				}
			}
		}
	}
	return nil
}

// notice is the first line of a notice with the words of the ledger in it.
func (o *Oracle) notice(i incident.Incident, begin, said string, withWords bool) string {
	text := fmt.Sprintf(begin, i.Number)
	if withWords {
		text += " " + strings.Join(LedgerWord.FindAllString(said, -1), " ")
	}
	return text
}

// within says whether got is some of want.
func within(want, got []string) bool {
	return !slices.ContainsFunc(got, func(g string) bool { return !slices.Contains(want, g) })
}

// cardsAgree: every incident has its card, and what the register holds for its
// card shows the present.
func (o *Oracle) cardsAgree(ctx context.Context) error {
	for _, i := range o.incidents {
		var shown, message int
		err := o.db.QueryRowContext(ctx, `SELECT card_version, card_message_id FROM incidents WHERE number = ?`, i.Number).Scan(&shown, &message)
		if err != nil {
			return err
		}
		at := slices.IndexFunc(o.said[outbox.DeskChat], func(m simulator.Message) bool { return m.ID == message })
		if message == 0 || at < 0 {
			o.wrong(i.Number, 0, "%s has no card in the group", i.Number)
			continue
		}
		card := o.said[outbox.DeskChat][at]
		if line := fmt.Sprintf("№ %s · %s ", i.Number, strings.ToLower(i.Status.String())); !strings.HasPrefix(Plain(card.FirstLine()), line) || shown != i.Version {
			o.wrong(i.Number, 0, "version %d of the card of %s, which is at %d, begins %q", shown, i.Number, i.Version, card.FirstLine())
		}
		if strings.Contains(card.Body(), "👤 ") != (i.Assignee != "") || !strings.Contains(card.Body(), i.Assignee) {
			o.wrong(i.Number, 0, "%s is worked by %q, the card says %q", i.Number, i.Assignee, card.Body())
		}
		n, _ := i.Unanswered()
		if said := fmt.Sprintf("Без ответа: %d,", n); strings.Contains(card.Body(), "Без ответа") != (n > 0) || n > 0 && !Holds(card.Body(), said) {
			o.wrong(i.Number, 0, "%d messages about %s wait, the card says %q", n, i.Number, card.Body())
		}
		if strings.Contains(card.Body(), "письмо в очереди") {
			o.wrong(i.Number, 0, "the card of %s waits for a letter: %q", i.Number, card.Body())
		}
	}
	return nil
}

// copiesAccepted: the copy of every incident was accepted, or its refusal
// shown; repeats are the same bytes.
func (o *Oracle) copiesAccepted(context.Context) error {
	letters := map[string]simulator.Letter{}
	copies := map[incident.Number][]string{}
	for _, l := range o.Mail.Letters() {
		id := l.MessageID()
		first, known := letters[id]
		if known && !bytes.Equal(first.Raw, l.Raw) {
			o.wrong(incident.Number(l.Header("X-Incident-Number")), 0, "two letters %s differ", id)
		}
		letters[id] = l
		if !known && slices.Contains(l.To, o.Support) {
			n := incident.Number(l.Header("X-Incident-Number"))
			copies[n] = append(copies[n], id)
		}
	}
	for _, i := range o.incidents {
		refused := slices.ContainsFunc(i.History, func(e incident.Entry) bool {
			return e.Kind == incident.KindLetterRefused && strings.HasPrefix(e.Text, "в техподдержку")
		})
		switch {
		case len(copies[i.Number]) > 1:
			o.wrong(i.Number, 0, "the copies of %s have the ids %q", i.Number, copies[i.Number])
		case o.Support == "" || len(copies[i.Number]) == 1 && !refused:
		case refused:
			o.refusalShown(i)
		default:
			o.wrong(i.Number, 0, "no copy of %s was accepted", i.Number)
		}
	}
	return nil
}

// refusalShown: person and group know that a letter did not go.
func (o *Oracle) refusalShown(i incident.Incident) {
	parts := []string{"не отправлено", "не принято"}
	if !o.deskReads(i.Number, append(parts, "Не отправлено", "Неотправленного не осталось")...) {
		o.wrong(i.Number, 0, "the group does not know that a letter about %s was refused", i.Number)
	}
	if !reads(o.said[i.Reporter], i.Number, parts) && !o.Ledger.deaf(i.Reporter) {
		o.wrong(i.Number, 0, "the person does not know that a letter about %s was refused", i.Number)
	}
}

// escalationsSettled: every escalation was accepted under its one Message-ID,
// or its failure shown; and nothing else was sent as one.
func (o *Oracle) escalationsSettled(context.Context) error {
	accepted, known := map[string]bool{}, map[string]bool{}
	for _, l := range o.Mail.LettersTo(o.Uit) {
		closing := strings.Contains(l.MessageID(), ".closed.") // it bears the subject of its thread
		if strings.HasPrefix(l.Subject(), "Эскалация обращения") && !closing {
			accepted[l.MessageID()] = true
		}
	}
	for _, i := range o.incidents {
		for _, e := range i.Escalations {
			if known[e.MessageID] {
				o.wrong(i.Number, 0, "two escalations have the id %s", e.MessageID)
			}
			known[e.MessageID] = true
			switch {
			case e.Letter == incident.LetterRefused:
				o.refusalShown(i)
			case e.Letter != incident.LetterSent || !accepted[e.MessageID]:
				o.wrong(i.Number, 0, "escalation %d of %s is %s; accepted: %v", e.Seq, i.Number, e.Letter, accepted[e.MessageID])
			case !reads(o.said[i.Reporter], i.Number, []string{"отправлено."}) && !o.Ledger.deaf(i.Reporter):
				o.wrong(i.Number, 0, "the person does not know that escalation %d of %s was accepted", e.Seq, i.Number)
			}
		}
	}
	for id := range accepted {
		if !known[id] {
			o.wrong("", 0, "the letter %s escalates what the register does not know", id)
		}
	}
	return nil
}

// limitsKept: Telegram never had to refuse a call for its limits. What a
// process sent before it died, its successor does not know: for the longest of
// the limits, a minute, Telegram may have to say so.
func (o *Oracle) limitsKept(context.Context) error {
	for _, c := range o.Telegram.Calls() {
		if c.Status == 429 && c.Fault == "" && !o.Ledger.startedWithin(c.At, time.Minute) {
			o.wrong("", 0, "%s at %s was over Telegram's limits: %s", c.Method, o.stamp(c.At), c.Response)
		}
	}
	return nil
}

// logClean: no secret and nothing of a person stands in the log.
func (o *Oracle) logClean(context.Context) error {
	c := canaries{}
	c.secrets(map[string]string{"TELEGRAM_BOT_TOKEN": o.Telegram.Token()})
	c.said(o.Telegram)
	c.letters(o.Mail.Letters())
	for _, secret := range o.Ledger.Secrets {
		c.add("secret", secret, 1)
	}
	for _, found := range c.Found(o.Log) {
		o.wrong("", 0, "%s", found)
	}
	if at := strings.Index(o.Log, "panic"); at >= 0 {
		o.wrong("", 0, "a panic: %s", o.Log[at:min(len(o.Log), at+2000)])
	}
	return nil
}
