package storage

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"intakebot/incident"
	"intakebot/outbox"
)

// searched are the incidents that the cases of TestSearch look for.
var searched = []incident.Answers{
	answers("Администрация Щучанского округа", "Фёдоров Пётр Ильич", "+73522428001;ext=155", "petr@shchuche.ru", "Не запускается координатор ViPNet, ошибка 0x80070005"),
	answers("Департамент здравоохранения Курганской области", "Иванов Сергей Львович", "+79125557788", "ivanov.s@zdrav.kurgan.ru", "Нет связи с ЕСПГУ, кабинет 305"),
	answers("Администрация города Шадринска", "Йодлова Иванна Ивановна", "+73525362233", "mail@shadrinsk.ru", "Координаторы молчат, звонить на 42-80-55"),
}

func answers(organisation, name, phone, email, text string) incident.Answers {
	return incident.Answers{
		{Key: incident.Organisation, Label: "Организация", Value: organisation}, {Key: incident.FullName, Label: "ФИО", Value: name},
		{Key: incident.PhoneNumber, Label: "Телефон", Value: phone}, {Key: incident.Email, Label: "Электронная почта", Value: email},
		{Key: incident.Description, Label: "Описание", Value: text},
	}
}

func TestSearch(t *testing.T) {
	r := fresh(t)
	var numbers []incident.Number
	for k, a := range searched {
		rep := report(fmt.Sprint("d", k), int64(7+k))
		rep.Answers = a
		i, _, err := r.Register(t.Context(), rep, nil)
		must(t, err)
		numbers = append(numbers, i.Number)
	}
	_, _, err := r.Act(t.Context(), incident.Act{ID: "a", Number: numbers[1], Action: incident.Relay, By: incident.ByDesk, At: after(1), Text: "Перезагрузите маршрутизатор"}, nil)
	must(t, err)
	for typed, want := range map[string]string{
		// A phone in any notation, and a part of one.
		"+7 (3522) 42-80-01": "1", "8 3522 428001": "1", "83522428001": "1", "+73522428001": "1", "3522-42-80-01": "1", "42-80-01": "1",
		"428001": "1", "280": "13", "8 (912) 555-77-88": "2", "912 555 77 88": "2", "доб. 155": "1", "+7\u00a0912\u00a0555\u201177\u201188": "2", "8 912 55": "2",
		"42-80": "13", "42-80-55": "3", // typed into a description
		// A number, a part of one, one with a word.
		string(numbers[0]): "1", "00002": "2", strings.ReplaceAll(string(numbers[2]), "-", ""): "3", string(numbers[1])[:8]: "2",
		string(numbers[0]) + " координатор": "1", string(numbers[0]) + " маршрутизатор": "", "координатор 42-80-01": "1",
		// Forms of a word, and its beginning.
		"координатора": "13", "координатор": "13", "координаторами": "13", "КООРДИНАТОРОВ": "13", "координаторов": "13", "щучанский": "1", "Щучанском": "1", "щуча": "1",
		"Фёдоровой": "1", "федоров": "1", "Фе\u0308доров": "1", "йодловой": "3", "и\u0306одлова": "3", "администрации": "13", "маршрутизаторы": "2",
		"департаментом связь": "2", "Иванов": "23", "Иванна": "3", "Сергей Иванов": "2", "кабинет 305": "2",
		"0x80070005": "1", "ivanov.s@zdrav.kurgan.ru": "2", "shchuche": "1", "vipnet": "1",
		"телеграф": "", "координатор телеграф": "", "9999": "",
	} {
		found, err := r.Search(t.Context(), typed, 0, 10)
		var got string
		for _, i := range slices.Backward(found.Incidents) {
			got += fmt.Sprint(slices.Index(numbers, i.Number) + 1)
		}
		if err != nil || got != want || found.Total != len(want) {
			t.Errorf("%q finds %q of %d, want %q; %v\n%+v", typed, got, found.Total, want, err, terms(typed))
		}
	}
	for _, typed := range []string{"", " … ", strings.Repeat("слово ", 21), `" * OR (`} {
		if found, err := r.Search(t.Context(), typed, 0, 10); !errors.Is(err, incident.ErrSearchWords) && len(found.Incidents) > 0 {
			t.Errorf("%q: %v, %v", typed, found, err)
		}
	}
}

// TestSearchPages: many are counted up to a bound and read by pages, the newest
// first.
func TestSearchPages(t *testing.T) {
	r := fresh(t)
	for k := range 25 {
		filed(t, r, fmt.Sprint("d", k), 7)
	}
	for page, want := range []int{10, 10, 5, 0} {
		found := must2(r.Search(t.Context(), "координатор", page, 10))
		same(t, "of all", found.Total, 25)
		same(t, "on the page", len(found.Incidents), want)
		if want > 0 {
			_, seq := found.Incidents[0].Number.Parts()
			same(t, "the first", seq, 25-10*page)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := r.Search(ctx, "координатор", 0, 10); !errors.Is(err, context.Canceled) {
		t.Errorf("after its end: %v", err)
	}
}

// TestIndexForgets: after an erasure the index finds nothing of the person, and
// its tables hold no word of theirs.
func TestIndexForgets(t *testing.T) {
	r := fresh(t)
	rep := report("d1", 7)
	rep.Answers[1].Value, rep.Answers[2].Value = "Канарейкина Анна", "Сломался канареечный аппарат"
	_, _, err := r.Register(t.Context(), rep, nil)
	must(t, err)
	filed(t, r, "d2", 8)
	same(t, "before", must2(r.Search(t.Context(), "канарейкина", 0, 9)).Total, 1)
	must(t, r.Forget(t.Context(), 7, after(1), nil))
	same(t, "after", must2(r.Search(t.Context(), "канарейкина", 0, 9)).Total, 0)
	same(t, "the organisation", must2(r.Search(t.Context(), "Кетовский", 0, 9)).Total, 2)
	same(t, "in the tables", value[int](t, r, `SELECT (SELECT count(*) FROM search_data WHERE instr(block, 'анарей') > 0)
		+ (SELECT count(*) FROM search_content WHERE instr(c0, 'канаре') > 0)`), 0)
}

// TestIndexFollows: whatever happens to incidents, in whatever order, the index
// holds what they hold.
func TestIndexFollows(t *testing.T) {
	r := fresh(t)
	must(t, r.writer.session.script("PRAGMA synchronous = OFF"))
	dice := rand.New(rand.NewPCG(3, 4))
	var numbers []incident.Number
	for step := range 400 {
		chat := int64(1 + dice.IntN(20))
		word := fmt.Sprintf("слово%03d", dice.IntN(300))
		switch n := dice.IntN(10); {
		case n < 4 || len(numbers) == 0:
			rep := report(fmt.Sprint("d", step), chat)
			rep.Answers[2].Value = strings.Repeat(word+" ", 1+dice.IntN(40))
			i, _, err := r.Register(t.Context(), rep, nil)
			must(t, err)
			numbers = append(numbers, i.Number)
		case n < 9:
			var refused *incident.Refused
			_, _, err := r.Act(t.Context(), incident.Act{ID: fmt.Sprint(step), Number: numbers[dice.IntN(len(numbers))], Action: incident.Relay, By: incident.ByDesk, At: noon, Text: word}, nil)
			if err != nil && !errors.As(err, &refused) {
				t.Fatal(err)
			}
		default:
			must(t, r.Forget(t.Context(), chat, noon, nil))
		}
		if step%7 == 0 {
			must2(r.indexSome(t.Context(), indexPortion))
		}
	}
	must(t, r.Reindex(t.Context()))
	must(t, r.Each(t.Context(), incident.Period{}, func(i incident.Incident) error {
		same(t, string(i.Number), value[string](t, r, `SELECT c0 FROM search_content JOIN incidents ON incidents.id = search_content.id WHERE number = ?`, string(i.Number)), wordsOf(i))
		return nil
	}))
	must(t, r.Check(t.Context()))
	must(t, r.change(t.Context(), `INSERT INTO search (search, rank) VALUES ('integrity-check', 1)`))
}

// TestIndexInTheBackground: nobody has to search for the index to be kept.
func TestIndexInTheBackground(t *testing.T) {
	r := fresh(t)
	filed(t, r, "d1", 7)
	must(t, r.Put(t.Context(), message("k", 7, outbox.RankNotice)))
	for began := time.Now(); value[int](t, r, `SELECT count(*) FROM search`) == 0; time.Sleep(5 * time.Millisecond) {
		if time.Since(began) > 10*time.Second {
			t.Fatal("the index stays behind")
		}
	}
}

// TestIndexRenewed: words that part the pages of the index from one another are gone
// after Scrub too, though the index is in one piece.
func TestIndexRenewed(t *testing.T) {
	r := fresh(t)
	must(t, r.writer.session.script("PRAGMA synchronous = OFF"))
	for k := range 600 {
		rep := report(fmt.Sprint("d", k), int64(k+1))
		rep.Answers[2].Value = fmt.Sprintf("канарейка%04d щегол%04d чиж%04d", k, k, k)
		_, _, err := r.Register(t.Context(), rep, nil)
		must(t, err)
	}
	must(t, r.Reindex(t.Context()))
	must(t, r.change(t.Context(), `INSERT INTO search (search) VALUES ('optimize')`))
	parting := func(k int) bool {
		return value[bool](t, r, `SELECT EXISTS (SELECT 1 FROM search_idx WHERE instr(CAST(term AS TEXT), ?) > 0)`, fmt.Sprintf("%04d", k))
	}
	var gone []int
	for k := range 600 {
		if parting(k) {
			gone = append(gone, k)
			must(t, r.Forget(t.Context(), int64(k+1), noon, nil))
		}
	}
	must(t, r.Scrub(t.Context()))
	all := bytesOf(t, r)
	for _, k := range gone {
		for _, bird := range []string{"канарейка", "щегол", "чиж"} {
			if strings.Contains(all, fmt.Sprintf("%s%04d", bird, k)) {
				t.Errorf("%s%04d is left", bird, k)
			}
		}
	}
	if len(gone) == 0 {
		t.Error("no word parts the pages: the test shows nothing")
	}
	must(t, r.Check(t.Context()))
	same(t, "others", must2(r.Search(t.Context(), "чиж", 0, 1)).Total, 600-len(gone))
}
