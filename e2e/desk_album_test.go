package e2e

import (
	"testing"
	"time"

	"intakebot/e2e/harness"
	"intakebot/simulator"
)

// TestDeskAlbum: an album of the desk reaches the person as one; each part is
// acknowledged, can be answered and taken back.
func TestDeskAlbum(t *testing.T) {
	t.Parallel()
	h := harness.Start(t)
	anna := h.Clerk()
	n := anna.Files()
	card := h.Card(n)
	anna.Mark()
	ids := h.Engineer.Replying(card.ID).SendAlbum(threePhotos("Сделайте так же")...)
	h.DeskSettled()
	h.Pass(2 * time.Second)
	album := sees(anna.Must, 0, []string{"photo", "video", "photo"})[0]
	if got := anna.Count("Сделайте так же"); got != 1 {
		t.Errorf("its words came %d times", got)
	}
	h.Engineer.AwaitView(func(all []simulator.Message) bool {
		seen := 0
		for _, m := range all {
			if m.ID >= ids[0] && m.ID <= ids[2] && len(m.Reactions) == 1 {
				seen++
			}
		}
		return seen == 3
	})
	anna.Reply(album[1].ID, "На второй ничего не видно")
	h.CardReply(n, "На второй ничего не видно")
	h.Engineer.Reply(ids[1], "/undo")
	h.Engineer.AwaitText("Удаляем")
	sees(anna.Must, 0, []string{"photo", "photo"})
}

// TestDeskAlbumIsNote: an album whose words begin with // stays in the group,
// all of it; one that solves an incident goes whole.
func TestDeskAlbumIsNote(t *testing.T) {
	t.Parallel()
	h := harness.Start(t)
	anna := h.Clerk()
	n := anna.Files()
	card := h.Card(n)
	h.Engineer.Replying(card.ID).SendAlbum(threePhotos("// для своих")...)
	h.DeskSettled()
	h.Pass(2 * time.Second)
	anna.Settled()
	if got := albums(anna.Messages(), 0); len(got) != 0 {
		t.Errorf("she got %v", got)
	}
	h.Engineer.PressOn(card.ID, "Решено")
	prompt := h.Engineer.AwaitText("что сделано")
	anna.Mark()
	h.Engineer.Replying(prompt.ID).SendAlbum(threePhotos("Заменили блок")...)
	h.DeskSettled()
	anna.AwaitText("решено", "Заменили блок")
	h.Pass(2 * time.Second)
	sees(anna.Must, 0, []string{"photo", "video", "photo"})
	if got := h.Counted("Напишите так"); got != 0 {
		t.Errorf("the desk was corrected %d times", got)
	}
}
