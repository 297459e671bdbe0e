package demo

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"intakebot/incident"
	"intakebot/simulator"
)

// stormNames make the people of a storm; each list has its own length, so that
// few of them are called the same.
var stormNames = struct{ last, first, patronymic []string }{
	[]string{"Смирнова", "Попова", "Волкова", "Васильева", "Петрова", "Михайлова", "Морозова", "Лебедева", "Козлова", "Егорова", "Павлова"},
	[]string{"Мария", "Елена", "Ирина", "Наталья", "Татьяна", "Людмила", "Светлана"},
	[]string{"Ивановна", "Сергеевна", "Николаевна", "Владимировна", "Петровна"},
}

var stormFaults = []string{
	"Нет связи с сетью Правительства, координатор не отвечает.",
	"На ViPNet-координаторе не горят индикаторы.",
	"С утра не открываются внутренние сайты, интернет работает.",
	"После отключения света координатор не загружается.",
}

// storm lets so many clerks file at once, each going the whole way up to the
// number as fast as the bot answers.
func (b *backstage) storm(ctx context.Context, clerks int, moved func(float64), done func(error)) {
	organisations := organisationLines(string(exampleOrganisations))
	// Ids of their own, at every start and in every storm: whoever files a
	// second time is asked less.
	first := 7_000_000_000 + time.Now().UnixMilli()
	var all sync.WaitGroup
	for k := range clerks {
		n := stormNames
		last, name := n.last[k%len(n.last)], n.first[k%len(n.first)]
		clerk := b.world.telegram.PersonWithID(first+int64(k), name, last).Chat()
		fullName := last + " " + name + " " + n.patronymic[k%len(n.patronymic)]
		all.Go(func() {
			done(file(ctx, clerk, organisations[k%len(organisations)], fullName, stormFaults[k%len(stormFaults)], moved))
		})
	}
	all.Wait()
}

// file goes from the first touch to the number.
func file(ctx context.Context, clerk *simulator.Actor, organisation, fullName, fault string, moved func(float64)) error {
	steps := filing(answers{
		incident.Organisation: types(organisation),
		incident.FullName:     types(fullName),
		incident.PhoneNumber:  sharesContact,
		incident.Email:        types(fmt.Sprintf("user%d@example.ru", clerk.ChatID()%100_000)),
		incident.Description:  types(fault),
	})
	for _, s := range steps {
		before := clerk.Last().ID
		if err := s.do(clerk); err != nil {
			return err
		}
		err := clerk.Await(ctx, func(messages []simulator.Message) bool {
			for _, m := range messages {
				if m.FromBot && m.ID > before && strings.Contains(m.Body(), s.see) {
					return true
				}
			}
			return false
		})
		if err != nil {
			return err
		}
		moved(1 / float64(len(steps)))
	}
	return nil
}

func organisationLines(text string) []string {
	var lines []string
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			lines = append(lines, line)
		}
	}
	return lines
}
