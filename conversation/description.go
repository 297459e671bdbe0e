package conversation

import (
	"cmp"
	"slices"

	"intakebot/incident"
)

// describe takes a part of the description. At the question and while the
// summary is open whatever comes is added; rewriting, what is written takes the
// place of what was, and the files stay.
func (t *turn) describe() {
	d := t.s.Draft
	part, ok := t.part()
	if _, contact := t.Event.(Contact); contact || !ok {
		t.turnAway("Такое к обращению не приложить: пришлите текст, фото или документ.")
		return
	}
	if c := cmp.Or(refusedFile(part), refusedInReport(part)); c != "" {
		t.turnAway(c)
		return
	}
	if part.empty() {
		t.turnAway(emptyMessage)
		return
	}
	if _, asked := d.current(); !asked && part.Attachment == nil && courtesy(part.Text) {
		t.note = "Осталось нажать «" + labelRegister + "»."
		t.ask("")
		return
	}
	t.addPart(part)
}

// addPart keeps a part of the description: always, though together the parts
// may not say enough yet.
func (t *turn) addPart(sent Part) {
	d := t.s.Draft
	part, full := fit(sent, len(d.attachments())+len(attachmentsOf(d.Anew)))
	if full && t.told(sent, "") {
		return
	}
	if part.empty() {
		t.turnAway(t.tooManyFiles(sent, false, true))
		return
	}
	anew := d.Editing != "" && part.Text != ""
	before := d.Parts
	if anew {
		before = d.Anew
	}
	if over := crowded(before, part); over != "" {
		t.turnAway(over)
		return
	}
	t.s.Discarded = nil
	if full {
		t.partly(t.tooManyFiles(sent, true, true))
	}
	parts := append(slices.Clone(before), part)
	_, complaint := lastStep().Check(joinParts(parts))
	switch {
	case anew && complaint != "":
		d.Anew = parts
	case anew:
		d.Parts, d.Anew, d.Editing = append(onlyFiles(d.Parts), parts...), nil, ""
	default:
		d.Parts = parts
	}
	d.Hint = nil
	t.kept(part, complaint)
}

// kept goes on after a part of the description was kept.
func (t *turn) kept(part Part, complaint Complaint) {
	switch {
	case t.More && t.note == "":
		return // the next part is here already
	case complaint != "" && part.Attachment != nil:
		t.note = "Файл приложили. Теперь напишите словами, что случилось."
	case complaint != "" && (courtesy(part.Text) || letters(part.Text) == 0):
		t.ask(complaint)
		return
	case complaint != "":
		short, _ := incident.Cut(line(part.Text), 60)
		t.note = "Записали: «" + short + "». Добавьте ещё несколько слов: что именно случилось?"
	}
	t.ask("")
}

// onlyFiles leaves the files of a description that is written anew.
func onlyFiles(parts []Part) []Part {
	var files []Part
	for _, p := range parts {
		if p.Attachment != nil {
			files = append(files, Part{MessageID: p.MessageID, Attachment: p.Attachment})
		}
	}
	return files
}
