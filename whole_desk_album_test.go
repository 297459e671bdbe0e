package main

import (
	"testing"
	"time"

	"intakebot/simulator"
)

// TestDeskAlbum: an album of the desk reaches the person as one; each part is
// acknowledged, can be answered and taken back.
func TestDeskAlbum(t *testing.T) {
	t.Parallel()
	h := startHouse(t)
	anna := h.clerk()
	n := anna.files()
	card := h.card(n)
	anna.Mark()
	ids := h.engineer.Replying(card.ID).SendAlbum(threePhotos("Сделайте так же")...)
	h.deskSettled()
	h.pass(2 * time.Second)
	album := sees(anna.Must, 0, []string{"photo", "video", "photo"})[0]
	if got := anna.count("Сделайте так же"); got != 1 {
		t.Errorf("its words came %d times", got)
	}
	h.engineer.AwaitView(func(all []simulator.Message) bool {
		seen := 0
		for _, m := range all {
			if m.ID >= ids[0] && m.ID <= ids[2] && len(m.Reactions) == 1 {
				seen++
			}
		}
		return seen == 3
	})
	anna.Reply(album[1].ID, "На второй ничего не видно")
	h.reply(n, "На второй ничего не видно")
	h.engineer.Reply(ids[1], "/undo")
	h.engineer.AwaitText("Удаляем")
	sees(anna.Must, 0, []string{"photo", "photo"})
}

// TestDeskAlbumIsNote: an album whose words begin with // stays in the group,
// all of it; one that solves an incident goes whole.
func TestDeskAlbumIsNote(t *testing.T) {
	t.Parallel()
	h := startHouse(t)
	anna := h.clerk()
	n := anna.files()
	card := h.card(n)
	h.engineer.Replying(card.ID).SendAlbum(threePhotos("// для своих")...)
	h.deskSettled()
	h.pass(2 * time.Second)
	anna.settled()
	if got := albums(anna.Messages(), 0); len(got) != 0 {
		t.Errorf("she got %v", got)
	}
	h.engineer.PressOn(card.ID, "Решено")
	prompt := h.engineer.AwaitText("напишите, что сделано")
	anna.Mark()
	h.engineer.Replying(prompt.ID).SendAlbum(threePhotos("Заменили блок")...)
	h.deskSettled()
	anna.AwaitText("решено", "Заменили блок")
	h.pass(2 * time.Second)
	sees(anna.Must, 0, []string{"photo", "video", "photo"})
	if got := h.counted("Напишите так"); got != 0 {
		t.Errorf("the desk was corrected %d times", got)
	}
}
