package e2e

import (
	"strings"
	"testing"
	"time"

	"intakebot/e2e/harness"
	"intakebot/simulator"
)

// TestClosedGroup: whatever the group says that is not about the card, the
// incident gets its card, its files and its answers when the group opens again;
// until then that is told.
func TestClosedGroup(t *testing.T) {
	t.Parallel()
	for _, refusal := range []simulator.Refusal{simulator.ChatRestricted, simulator.NoWriteAccess, simulator.Frozen} {
		t.Run(refusal.Description, func(t *testing.T) {
			t.Parallel()
			h := harness.Start(t, harness.Troubled)
			h.Group.Refuse(refusal)
			anna := h.Clerk()
			anna.Reaches("Описание")
			anna.SendPhoto(photo, "Индикаторы не горят, смотрите на снимке координатора.")
			anna.AwaitText(harness.SummaryHead)
			n := anna.Registers()
			h.Logged.Await(t, "a card is not shown", 1)
			if err := h.Program.Bot.DeskReachable(t.Context()); err == nil {
				t.Error("nobody is told that the group takes nothing")
			}
			h.Group.Refuse(simulator.Refusal{})
			h.Pass(time.Minute)
			h.Relayed(h.Card(n), "photo")
		})
	}
}

// TestForbiddenPhotos: the card says at once which files the group does not take,
// the others come, and those too when they may.
func TestForbiddenPhotos(t *testing.T) {
	t.Parallel()
	h := harness.Start(t, harness.Troubled)
	h.Group.Forbid("photo")
	anna := h.Clerk()
	anna.Reaches("Описание")
	anna.SendPhoto(photo, "Индикаторы не горят, смотрите на снимке координатора.")
	anna.AwaitText(harness.SummaryHead)
	anna.SendDocument(scheme, "")
	anna.AwaitText(harness.SummaryHead, "Вложения (2)")
	n := anna.Registers()
	h.Relayed(h.Card(n, "Сюда не пришли: фото"), "document")
	h.Engineer.Ask("/take "+string(n), "Взято в работу") // nothing is held back
	h.Card(n, "в работе", "Сюда не пришли: фото")
	h.Group.Forbid()
	h.Pass(31 * time.Minute)
	h.Relayed(h.Card(n), "document", "photo")
	h.Engineer.AwaitView(func(all []simulator.Message) bool {
		cards := h.Cards(all)
		return len(cards) == 1 && !strings.Contains(cards[0].Body(), "не пришли")
	})
}

// TestVanishingAnswer: what another bot deletes at once is not sent again.
func TestVanishingAnswer(t *testing.T) {
	t.Parallel()
	h := harness.Start(t, harness.Troubled)
	anna := h.Clerk()
	n := anna.Files()
	h.Card(n)
	h.Telegram.Fault(simulator.Fault{Kind: simulator.Vanish, Methods: []string{"sendMessage"}, ChatID: h.Group.ID(), Times: 1})
	h.Engineer.Send("/take " + string(n))
	h.Drained()
	h.Pass(time.Hour)
	h.Drained()
	if told := h.Told("Взято в работу"); told != 0 {
		t.Errorf("the answer is there %d times", told)
	}
}
