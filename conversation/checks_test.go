package conversation

import (
	"os"
	"strings"
	"testing"
	"time"

	"intakebot/incident"
)

// TestPhones: the usual Russian ways of writing a number and its extension.
func TestPhones(t *testing.T) {
	const kurgan, kurgan155, mobile = "+73522428001", "+73522428001;ext=155", "+79125551234"
	for typed, want := range map[string]string{
		"+7 (3522) 42-80-01": kurgan, "8 3522 428001": kurgan, "3522428001": kurgan, "8(3522)42‒80‒01": kurgan, "тел. 8-3522-42-80-01": kurgan,
		"8 3522 428001 доб. 155": kurgan155, "8 (3522) 42-80-01 (доб. 155)": kurgan155, "+73522428001,155": kurgan155,
		"8 3522 428001 вн. 155": kurgan155, "8 3522 428001 внутр. 155": kurgan155, "8 3522 428001 ext 155": kurgan155, "8 3522 428001 #155": kurgan155,
		"8 3522 428001, добавочный номер 155": kurgan155, "8 3522 428001 внутренний номер 155": kurgan155, "8 3522 428001 вн.тел. 155": kurgan155,
		"8 3522 428001 доп. 155": kurgan155, "8 3522 428001 д. 155": kurgan155, "8 3522 428001 (155)": kurgan155, "8 3522 428001 *155": kurgan155,
		"8 3522 428001 х155": kurgan155, "89125551234": mobile, "9125551234": mobile, "+7 912 555 12 34": mobile,
		"8-800-200-79-32, добавочный 155": "+78002007932;ext=155",
	} {
		if got, complaint := acceptPhone(typed); got != want || complaint != "" {
			t.Errorf("%q: %q, %q; want %q", typed, got, complaint, want)
		}
	}
	for typed, part := range map[string]string{
		"428001": "код города", "42-80-01 доб. 155": "код города", "8912555": "код города", "8 912 555 12": "Не хватает",
		"+375 29 123-45-67": "другой страны", "8 912 555 12 34 8 912 555 12 35": "больше одного", "8 111 111 11 11": "Такого номера",
		"спросить Анну": "один российский номер", "+1 202 555 0123": "другой страны",
	} {
		if got, complaint := acceptPhone(typed); !strings.Contains(string(complaint), part) {
			t.Errorf("%q: %q, %q; want a complaint with %q", typed, got, complaint, part)
		}
	}
}

// TestEmails: syntax, look-alikes, and the slips for which a better address is
// offered.
func TestEmails(t *testing.T) {
	for typed, hint := range map[string]string{
		"ivanova@example.ru": "", " Ivanova@Example.RU ": "", "a.b+c@kurganobl.ru": "", "mailto:a@bk.ru": "",
		"a@mail.ri": "a@mail.ru", "a@gmail.con": "a@gmail.com", "a@yandex.tu": "a@yandex.ru", "a@gmial.com": "a@gmail.com", "a@yandx.ru": "a@yandex.ru",
	} {
		value, complaint := acceptEmail(typed)
		if complaint != "" {
			t.Errorf("%q: %s", typed, complaint)
			continue
		}
		if got := suggestEmail(nil, incident.Reporter{}, value); got != hint {
			t.Errorf("%q: offered %q, want %q", typed, got, hint)
		}
	}
	for _, typed := range []string{"", "почта", "a@", "@b.ru", "a@b", "a@@b.ru", "a b@c.ru", "а@b.ru", "a@b..ru",
		".a@b.ru", "a.@b.ru", "a@-b.ru", "a@b.r", strings.Repeat("a", 250) + "@b.ru", "a@b.ru, c@d.ru"} {
		if value, complaint := acceptEmail(typed); complaint == "" {
			t.Errorf("%q was taken as %q", typed, value)
		}
	}
}

// TestOrganisations: typos and abbreviations find the name, and what is not
// there finds nothing.
func TestOrganisations(t *testing.T) {
	list, err := os.ReadFile("../demo/organisations.example.txt")
	if err != nil {
		t.Fatal(err)
	}
	d := testDialogue()
	d.Organisations = append(strings.Split(strings.TrimSpace(string(list)), "\n")[2:],
		"Департамент информационных технологий Курганской области", "Департамент здравоохранения Курганской области")
	const ketovo = "Администрация Кетовского муниципального округа"
	for typed, want := range map[string]string{
		ketovo: "", "администрация кетовского муниципального округа": "",
		"админ кетовского мун округа": ketovo, "Администрация Кетовского района": ketovo, "адм. Кетовского МО": ketovo,
		"Кетовский округ": ketovo, "Администрация Китовского муниципального округа": ketovo, "Администрация Кетовского р-на": ketovo,
		"Администрация г. Кургана": "Администрация города Кургана", "ДИТ": "Департамент информационных технологий Курганской области",
		"Департамент здравохранения":                     "Департамент здравоохранения Курганской области",
		"Администрация Тюменского муниципального округа": "", "администрация": "", "Школа № 5": "", "Прокуратура": "",
	} {
		if got := d.suggestOrganisation(incident.Reporter{}, typed); got != want {
			t.Errorf("%q: offered %q, want %q", typed, got, want)
		}
	}
	own := incident.Reporter{Incidents: []incident.Incident{{Answers: incident.Answers{{Key: incident.Organisation, Value: "Школа № 5 города Кургана"}}}}}
	if got := d.suggestOrganisation(own, "Школа 5 г Кургана"); got != "Школа № 5 города Кургана" {
		t.Errorf("her own past answer was not offered, but %q", got)
	}
}

func TestNames(t *testing.T) {
	for _, good := range []string{"Иванова Анна", "Римский-Корсаков Н. А.", "О’Нил Мария", "Иванов И.И.", "Ёлкина  Ая "} {
		if _, complaint := acceptFullName(good); complaint != "" {
			t.Errorf("%q: %s", good, complaint)
		}
	}
	for _, bad := range []string{"", "Иванова", "Иванова Анна 2", "anna@b.ru", "Иванова, Анна", "- -", "А Б", "<b>Анна</b> Иванова"} {
		if value, complaint := acceptFullName(bad); complaint == "" {
			t.Errorf("%q was taken as %q", bad, value)
		}
	}
}

// TestReminderDue: two hours before the end, sooner when these are quiet,
// never in the quiet hours; a short life has a short lead.
func TestReminderDue(t *testing.T) {
	d := testDialogue()
	at := func(day, hour int) time.Time { return time.Date(2026, 11, day, hour, 0, 0, 0, yekaterinburg) }
	for _, c := range []struct {
		name         string
		expires, now time.Time
		ttl          time.Duration
		want         bool
	}{
		{"long before", at(25, 16), at(25, 12), 72 * time.Hour, false},
		{"two hours before", at(25, 16), at(25, 14), 72 * time.Hour, true},
		{"the end is at night", at(25, 23), at(25, 19), 72 * time.Hour, false},
		{"the last minute before a quiet end", at(25, 23), at(25, 20).Add(-time.Minute), 72 * time.Hour, true},
		{"in the night", at(26, 3), at(26, 1), 72 * time.Hour, false},
		{"over", at(25, 16), at(25, 17), 72 * time.Hour, false},
		{"just begun, a short life", at(25, 13), at(25, 12), time.Hour, false},
		{"a short life near its end", at(25, 13), at(25, 13).Add(-14 * time.Minute), time.Hour, true},
	} {
		d.DraftTTL = c.ttl
		if got := d.ReminderDue(c.expires, c.now); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}
