package conversation

import (
	"cmp"
	"fmt"
	"slices"
	"time"
	"unicode/utf8"

	"intakebot/incident"
)

// Limits of what one person may send, besides those of single answers (see
// checks.go). They stand far above what anybody does on purpose, and each is
// told in words: how much there is already, and how or from when it goes on.
const (
	// incidentsMost are registered, and additionsMost messages passed on to
	// the desk, in any stretch of limitsWithin.
	incidentsMost = 20
	additionsMost = 100
	limitsWithin  = time.Hour
	// filesMost is how many files of the reporter an incident holds, those of
	// its description and those sent later.
	filesMost = 50
)

// tooManyIncidents refuses to register a draft after too many others. One that
// stands in the register already is let through: its press comes twice after a
// crash.
func (t *turn) tooManyIncidents(draft string) Complaint {
	var late []time.Time // newest first, like the incidents
	for _, i := range t.Reporter.Incidents {
		if i.DraftID == draft {
			return ""
		}
		if t.At.Sub(i.RegisteredAt) < limitsWithin {
			late = append(late, i.RegisteredAt)
		}
	}
	if len(late) < incidentsMost {
		return ""
	}
	return Complaint("За последний час вы подали " + count(len(late), "обращение", "обращения", "обращений") +
		", это предел. Черновик сохранён, зарегистрировать его можно " + t.once(late[incidentsMost-1]) + ". " + t.urgent(t.At))
}

// tooManyAdded refuses to pass on these messages to the desk after too many
// others.
func (t *turn) tooManyAdded(parts ...Part) Complaint {
	if len(parts) > additionsMost {
		return Complaint(fmt.Sprintf("Это %s, а добавить к обращению можно не больше %d за час. Подайте новое обращение: в него войдут все.",
			count(len(parts), "сообщение", "сообщения", "сообщений"), additionsMost))
	}
	var late []time.Time
	for _, i := range t.Reporter.Incidents {
		for k, e := range i.History {
			said := e.Kind == incident.KindAdded || e.Kind == incident.KindAmended
			twice := k == len(i.History)-1 && len(parts) == 1 && parts[0].stands(i)
			if said && !twice && t.At.Sub(e.At) < limitsWithin {
				late = append(late, e.At)
			}
		}
	}
	over := len(late) + len(parts) - additionsMost
	if over <= 0 {
		return ""
	}
	slices.SortFunc(late, time.Time.Compare)
	return Complaint("Не передали: за последний час от вас уже " + count(len(late), "сообщение", "сообщения", "сообщений") +
		", это предел. Прислать ещё раз можно " + t.once(late[over-1]) + ". " + t.urgent(t.At))
}

// stands says that the part is what was added last: a message that comes twice
// after a crash is no other one.
func (p Part) stands(i incident.Incident) bool {
	if len(i.History) == 0 {
		return false
	}
	last := i.History[len(i.History)-1]
	file := slices.EqualFunc(last.Attachments, attachmentsOf([]Part{p}), func(a, b incident.Attachment) bool { return a.FileID == b.FileID })
	return file && last.Kind == incident.KindAdded && last.Text == p.Text
}

// once is from when something can be done again that was done too often since
// then: «с 15:05». Minutes are rounded up, so that nobody comes in vain.
func (t *turn) once(since time.Time) string {
	return t.from(since.Add(limitsWithin+time.Minute-1).Truncate(time.Minute), t.At)
}

// fit takes off a part the file for which there is no room beside so many
// others; its words stay.
func fit(p Part, files int) (rest Part, full bool) {
	if p.Attachment == nil || files < filesMost {
		return p, false
	}
	p.Attachment = nil
	return p, true
}

// tooManyFiles says what became of a part that did not fit whole; to a draft,
// which has no number yet.
func (d *Dialogue) tooManyFiles(p Part, kept, draft bool) Complaint {
	file, it := "файл", "его"
	if p.Album != "" {
		file, it = "остальные файлы", "их"
	}
	what := upperFirst(file) + " не приложили"
	if kept {
		what = "Текст приняли, а " + file + " не приложили"
	}
	if draft {
		it += " после регистрации"
	}
	return Complaint(fmt.Sprintf("%s: файлов уже %d, это предел. Отправьте %s на %s с номером обращения.", what, filesMost, it, d.Line.Support.Email))
}

// admit is a part as far as it may be passed on to an incident, empty when not
// at all; the complaint says why and what of it is not.
func (t *turn) admit(i incident.Incident, p Part) (rest Part, c Complaint) {
	if c := cmp.Or(crowded(nil, p), t.tooManyAdded(p)); c != "" {
		return Part{}, c
	}
	files := len(i.Attachments)
	if p.stands(i) {
		files--
	}
	rest, full := fit(p, files)
	if full {
		c = t.tooManyFiles(p, rest.Text != "", false)
	}
	return rest, c
}

// told says whether the person knows already that the rest of an album was not
// taken, and remembers it from now on: its parts come one after the other, and
// one answer does for them.
func (t *turn) told(p Part, n incident.Number) bool {
	if p.Album == "" {
		return false
	}
	before := t.s.Album != nil && t.s.Album.Full
	t.s.Album = &Album{ID: p.Album, Number: n, Full: true}
	return before && p.Text == ""
}

// refusedFile says why a file is not taken.
func refusedFile(p Part) Complaint {
	if p.Attachment != nil && keyContainer(p.Attachment.Name) {
		return "Похоже, это файл с ключами. Здесь такие пересылать нельзя: передайте его техподдержке другим способом."
	}
	return ""
}

// refusedInReport says why a file that support can be sent has no place in a
// report, which must be readable.
func refusedInReport(p Part) Complaint {
	switch {
	case p.Attachment == nil || !p.Attachment.Kind.Spoken():
		return ""
	case p.Attachment.Kind == incident.Voice:
		return "Голосовое сообщение к обращению не приложить: напишите, пожалуйста, текстом."
	}
	return "Такое к обращению не приложить: пришлите текст, фото или документ."
}

// crowded refuses a part that would make the text too long, with the count.
func crowded(parts []Part, more Part) Complaint {
	have := utf8.RuneCountInString(joinParts(parts))
	add := utf8.RuneCountInString(more.Text)
	if add == 0 || utf8.RuneCountInString(joinParts(append(slices.Clone(parts), more))) <= descriptionMost {
		return ""
	}
	return Complaint(fmt.Sprintf("Это сообщение (%s) не поместилось: уже принято %s из %s. Остальное приложите файлом.",
		count(add, "знак", "знака", "знаков"), thousands(have), thousands(descriptionMost)))
}
