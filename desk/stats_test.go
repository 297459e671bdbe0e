package desk

import (
	"bytes"
	"flag"
	"fmt"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"intakebot/conversation"
	"intakebot/incident"
)

// samples is a folder for the pictures, to look at them.
var samples = flag.String("stats.samples", "", "folder for the pictures that the tests of /stats draw")

var (
	kurgan = time.FixedZone("", 5*60*60)
	today  = time.Date(2026, 11, 23, 14, 5, 0, 0, kurgan)
)

// life makes an incident of so many days ago; each step is a kind and the
// minutes from the registration to it.
func life(days int, status incident.Status, organisation string, escalated int, steps ...any) incident.Incident {
	at := today.AddDate(0, 0, -days)
	i := incident.Incident{
		Status: status, RegisteredAt: at.UTC(), Escalations: make([]incident.Escalation, escalated),
		Answers: incident.Answers{{Key: incident.Organisation, Value: organisation}},
		History: []incident.Entry{{At: at, Kind: incident.KindRegistered}},
	}
	for k := 0; k < len(steps); k += 2 {
		i.History = append(i.History, incident.Entry{At: at.Add(time.Duration(steps[k+1].(int)) * time.Minute), Kind: steps[k].(incident.Kind)})
	}
	return i
}

const (
	taken, asked, solved       = incident.KindTaken, incident.KindAsked, incident.KindSolved
	rejected, finished, lapsed = incident.KindRejected, incident.KindFinished, incident.KindLapsed
)

// TestFigures counts a set made by hand.
func TestFigures(t *testing.T) {
	type row struct {
		All, Escalated, Share int
		Take, Solve           string
	}
	for _, c := range []struct {
		name string
		all  []incident.Incident
		want [3]row
	}{
		{"nothing", nil, [3]row{}},
		{"one that nobody took", []incident.Incident{life(0, incident.Registered, "А", 0)},
			[3]row{{All: 1}, {All: 1}, {All: 1}}},
		{"the median of two is their mean", []incident.Incident{
			life(0, incident.Closed, "А", 0, taken, 10, solved, 60),
			life(1, incident.Resolved, "А", 1, asked, 20, solved, 180),
		}, [3]row{{2, 1, 50, "15 мин", "2 ч 0 мин"}, {2, 1, 50, "15 мин", "2 ч 0 мин"}, {2, 1, 50, "15 мин", "2 ч 0 мин"}}},
		{"a solution that did not help does not count", []incident.Incident{
			life(0, incident.InProgress, "А", 0, solved, 5, rejected, 9),
			life(0, incident.Closed, "А", 0, taken, 1, solved, 5, rejected, 9, solved, 40, lapsed, 3000),
			life(0, incident.Closed, "А", 2, finished, 30),
		}, [3]row{{3, 1, 33, "3 мин", "35 мин"}, {3, 1, 33, "3 мин", "35 мин"}, {3, 1, 33, "3 мин", "35 мин"}}},
		{"periods", []incident.Incident{
			life(6, incident.Closed, "А", 0, taken, 1),
			life(7, incident.Closed, "А", 0, taken, 3),
			life(29, incident.Cancelled, "А", 1),
			life(30, incident.Closed, "А", 0, taken, 9),
			life(89, incident.Closed, "А", 0, taken, 11),
			life(90, incident.Closed, "А", 0, taken, 99),
		}, [3]row{{All: 1, Take: "1 мин"}, {3, 1, 33, "2 мин", ""}, {5, 1, 20, "6 мин", ""}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := counted(c.all)
			var got [3]row
			for k, f := range s.periods {
				got[k] = row{All: f.all, Escalated: f.escalated, Share: f.share()}
				if len(f.take) > 0 {
					got[k].Take = strings.ReplaceAll(span(median(f.take)), "\u00a0", " ")
				}
				if len(f.solve) > 0 {
					got[k].Solve = strings.ReplaceAll(span(median(f.solve)), "\u00a0", " ")
				}
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			looks(t, c.name, s)
		})
	}
}

// TestDaysAreLocal: what is filed at one in the morning belongs to that day of
// TIMEZONE, though it is yesterday in Greenwich.
func TestDaysAreLocal(t *testing.T) {
	early := life(0, incident.Registered, "А", 0)
	early.RegisteredAt = time.Date(2026, 11, 23, 0, 30, 0, 0, kurgan).UTC()
	late := early
	late.RegisteredAt = early.RegisteredAt.Add(-31 * time.Minute)
	s := counted([]incident.Incident{early, late})
	if got := s.perDay[88:]; got[0] != 1 || got[1] != 1 {
		t.Errorf("yesterday and today: %v", got)
	}
	if got := s.First(); !got.Equal(time.Date(2026, 8, 26, 0, 0, 0, 0, kurgan)) {
		t.Errorf("the first day begins at %v", got)
	}
}

// TestFullPicture draws a busy quarter, with names that are long, typed in
// several ways, and not meant for a caption.
func TestFullPicture(t *testing.T) {
	names := []string{
		"Администрация Кетовского муниципального округа", "Департамент здравоохранения Курганской области 🚑 <3",
		"Главное управление социальной защиты населения Курганской области, отдел по Шадринскому району и городу Шадринску",
		"Комитет по архивам", "Администрация города Шадринска", "Департамент образования и науки",
	}
	var all []incident.Incident
	for day := range 90 {
		weekday := today.AddDate(0, 0, -day).Weekday()
		for k := range (day*7 + day/3) % 9 {
			if weekday == time.Saturday || weekday == time.Sunday || k > 6 {
				continue
			}
			name := names[(day+k*k)%7%len(names)]
			if k == 1 {
				name = strings.ToUpper(name)
			}
			escalated := 0
			if (day+k)%11 == 0 {
				escalated = 1
			}
			all = append(all, life(day, incident.Closed, name, escalated, taken, 4+day%17, solved, 90+day*k*9))
		}
	}
	s := counted(all)
	if top := s.top(); len(top) != topMost || top[0].count < top[4].count {
		t.Errorf("the organisations: %v", top)
	}
	looks(t, "full", s)
}

func counted(all []incident.Incident) *Stats {
	s := NewStats(today, kurgan)
	for _, i := range all {
		_ = s.Count(i) // nil
	}
	return s
}

// looks draws the picture and holds its size and the caption's length.
func looks(t *testing.T, name string, s *Stats) {
	t.Helper()
	const captionMost = 1024
	if n := incident.Units(conversation.PlainText(s.Words())); n > captionMost {
		t.Errorf("the caption has %d characters", n)
	}
	data, err := s.Draw()
	if err != nil {
		t.Fatal(err)
	}
	shown, err := png.Decode(bytes.NewReader(data))
	if err != nil || shown.Bounds() != image.Rect(0, 0, pictureWidth, pictureHeight) {
		t.Fatalf("the picture: %v, %v", shown.Bounds(), err)
	}
	if *samples != "" {
		if err := os.WriteFile(filepath.Join(*samples, fmt.Sprintf("%s.png", name)), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}
