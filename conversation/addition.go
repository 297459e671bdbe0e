package conversation

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"intakebot/incident"
)

// additionLasts is how long a silent addition stays open: what is written
// later is more likely about something else, so it is asked about.
const additionLasts = 30 * time.Minute

// beginAddition makes the next messages go to a registered incident.
func (t *turn) beginAddition(args string) {
	candidates := openOf(t.Reporter)
	if len(candidates) == 0 {
		candidates = t.reopenable()
	}
	i, ok := t.pick(args, labelAdd, "add:", candidates)
	if !ok {
		return
	}
	if !i.Allows(incident.Append, t.At) {
		t.wrong("Обращение " + numbered(i.Number) + " уже не в работе (" + strings.ToLower(i.Status.String()) + "). Если неисправность вернулась, подайте новое — /new.")
		return
	}
	t.s.Escalation, t.s.Offer = nil, nil
	t.s.Addition = &AdditionDraft{ID: t.NewID, Number: i.Number, At: t.At}
	t.ask("")
}

// reopenable are ended incidents that an addition opens again.
func (t *turn) reopenable() []incident.Incident {
	return slices.DeleteFunc(slices.Clone(t.Reporter.Incidents), func(i incident.Incident) bool {
		return !i.Allows(incident.Append, t.At)
	})
}

func (t *turn) askAddition(complaint Complaint) {
	t.prompt(Message{
		HTML: paragraphs("<b>Дополнение</b> к обращению "+numbered(t.s.Addition.Number), warning(complaint),
			"Напишите, что передать техподдержке. Можно несколько сообщений, фото и документы."),
		Buttons: [][]Button{{{labelDone, "done:" + t.s.Addition.ID, Plain}}},
	})
}

// additionMessage adds one message to the incident.
func (t *turn) additionMessage() {
	a := t.s.Addition
	if t.At.Sub(a.At) > additionLasts {
		t.s.Addition = nil
		t.message()
		return
	}
	i, ok := t.Reporter.Find(a.Number)
	if !ok || !i.Allows(incident.Append, t.At) {
		t.s.Addition = nil
		t.message() // it is asked where the words belong
		return
	}
	part, ok := t.part()
	if !ok {
		t.ask("Такое передать не получится: пришлите текст, фото или документ.")
		return
	}
	if c := refusedFile(part); c != "" {
		t.turnAway(c)
		return
	}
	if part.empty() {
		t.ask(emptyMessage)
		return
	}
	a.At = t.At
	rest, c := t.admit(i, part)
	if rest.empty() {
		if !t.told(part, a.Number) {
			t.turnAway(c)
		}
		return
	}
	t.add(a.Number, rest)
	if c != "" {
		t.told(part, a.Number)
		t.partly(c)
	}
	t.prompt(Message{
		HTML:    paragraphs(Added(a.Number), "Пришлите ещё или нажмите «"+labelDone+"»."),
		Buttons: [][]Button{{{labelDone, "done:" + a.ID, Plain}}},
	})
}

func (t *turn) add(n incident.Number, p Part) {
	do := Do{ID: fmt.Sprintf("%d:%d", t.Reporter.Chat, p.MessageID), Number: n, Action: incident.Append, Text: p.Text, MessageID: p.MessageID, Album: p.Album}
	if p.Attachment != nil {
		do.Attachments = []incident.Attachment{*p.Attachment}
	}
	if p.Album != "" && (t.s.Album == nil || t.s.Album.ID != p.Album) {
		t.s.Album = &Album{ID: p.Album, Number: n}
	}
	t.effects = append(t.effects, do)
}

func (t *turn) endAddition(id string) {
	if id != "" && (t.s.Addition == nil || t.s.Addition.ID != id) {
		t.stale()
		return
	}
	t.s.Addition = nil
	t.say("Хорошо. Состояние обращения — /status.")
	t.resume()
}

// idleMessage asks where free text belongs: it is never a dead end.
func (t *turn) idleMessage() {
	part, ok := t.part()
	if !ok || part.empty() {
		t.say("Такое сообщение боту не прочитать. Напишите текстом или подайте обращение — /new.")
		return
	}
	i, asked := t.asked()
	complaint := cmp.Or(refusedFile(part), crowded(nil, part))
	if complaint == "" && !asked && len(openOf(t.Reporter)) == 0 {
		complaint = refusedInReport(part)
	}
	switch {
	case complaint != "":
		t.say(esc(string(complaint)))
		return
	case asked:
		t.answerDesk(i, part)
		return
	}
	t.s.Offer = &Offer{ID: t.NewID, Parts: []Part{part}}
	t.askOffer()
}

// offerMessage keeps what is sent while the offer stands.
func (t *turn) offerMessage() {
	o := t.s.Offer
	part, ok := t.part()
	rest, full := fit(part, len(attachmentsOf(o.Parts)))
	complaint := cmp.Or(refusedFile(part), crowded(o.Parts, part))
	switch {
	case !ok || part.empty():
		t.note = "Такое сообщение боту не прочитать."
	case complaint != "":
		t.partly(complaint)
	case full && t.told(part, ""):
		return
	case full:
		t.partly(t.tooManyFiles(part, !rest.empty(), false))
	}
	if complaint == "" && !rest.empty() {
		o.Parts = append(o.Parts, rest)
	}
	t.askOffer()
}

func (t *turn) askOffer() {
	o := t.s.Offer
	const most = 3
	open := openOf(t.Reporter)
	if len(open) == 0 {
		open = t.reopenable()
	}
	var rows [][]Button
	for _, i := range open[:min(most, len(open))] {
		rows = append(rows, []Button{{labelAdd + " " + numbered(i.Number), "offeradd:" + string(i.Number) + ":" + o.ID, Plain}})
	}
	rows = append(rows,
		[]Button{{labelNew, "offernew:" + o.ID, Success}},
		[]Button{{labelCancel, "offerno:" + o.ID, Plain}})
	ask := "Подать его как новое обращение?"
	if len(open) > 0 {
		ask = "Добавить его к обращению или подать новое?"
	}
	about, _ := incident.Cut(line(joinParts(o.Parts)), 200)
	if about != "" {
		about = "«" + esc(about) + "»"
	}
	t.prompt(Message{
		HTML:    paragraphs("Что сделать с вашим сообщением?", about, esc(AttachmentLine(attachmentsOf(o.Parts))), ask),
		Buttons: rows,
	})
}

func (t *turn) offerToAdd(args string) {
	number, id, _ := strings.Cut(args, ":")
	if t.s.Offer == nil || t.s.Offer.ID != id {
		t.stale()
		return
	}
	i, ok := t.pick(number, labelAdd, "offeradd:", openOf(t.Reporter))
	if !ok {
		return
	}
	if !i.Allows(incident.Append, t.At) {
		t.wrong(t.NotPossible(i, t.At))
		return
	}
	parts := t.s.Offer.Parts
	if c := t.tooManyAdded(parts...); c != "" {
		t.wrong(string(c))
		return
	}
	t.s.Offer = nil
	left := t.addAll(i, parts)
	t.answer("Добавили.")
	t.say(paragraphs(esc(Added(i.Number)), esc(left)))
	t.resume()
}

// addAll adds the parts of an offer to an incident; left says how many files
// there was no room for.
func (t *turn) addAll(i incident.Incident, parts []Part) (left string) {
	files, over := len(i.Attachments), 0
	for _, p := range parts {
		rest, full := fit(p, files)
		if full {
			over++
		} else if p.Attachment != nil {
			files++
		}
		if !rest.empty() {
			t.add(i.Number, rest)
		}
	}
	if over == 0 {
		return ""
	}
	return fmt.Sprintf("Не приложили %s: больше %d у обращения не бывает. Отправьте их на %s с номером обращения.",
		count(over, "файл", "файла", "файлов"), filesMost, t.Line.Support.Email)
}

func (t *turn) offerAsNew(id string) {
	if t.s.Offer == nil || t.s.Offer.ID != id {
		t.stale()
		return
	}
	parts := t.offered()
	t.s.Offer = nil
	t.beginReport(parts)
}

// offered are the parts of the offer that a new report can hold; what it cannot
// is told.
func (t *turn) offered() []Part {
	var parts []Part
	for _, p := range t.s.Offer.Parts {
		if c := refusedInReport(p); c != "" {
			t.note = string(c)
			if p.Attachment = nil; p.Text == "" {
				continue
			}
		}
		parts = append(parts, p)
	}
	return parts
}

func (t *turn) dropOffer(id string) {
	if id != "" && (t.s.Offer == nil || t.s.Offer.ID != id) {
		t.stale()
		return
	}
	t.s.Offer = nil
	t.answer("Хорошо, ничего не делаем.")
	t.resume()
}
