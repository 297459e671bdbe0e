package e2e

import (
	"fmt"
	"testing"
	"time"

	"intakebot/e2e/harness"
	"intakebot/incident"
	"intakebot/outbox"
	"intakebot/simulator"
)

var video = simulator.File{Name: "обход.mp4", Data: []byte("mp4")}

// threePhotos are an album with words under its first photo.
func threePhotos(caption string) []simulator.AlbumItem {
	return []simulator.AlbumItem{{File: photo, Caption: caption}, {Kind: "video", File: video}, {File: photo}}
}

// albums are the bot's files in what somebody sees, those of one album
// together, a single file by itself.
func albums(messages []simulator.Message, replyTo int) [][]simulator.Message {
	var all [][]simulator.Message
	album := ""
	for _, m := range messages {
		switch {
		case !m.FromBot || m.Attachment == nil || m.ReplyTo != replyTo:
			continue
		case m.Album != "" && m.Album == album:
			all[len(all)-1] = append(all[len(all)-1], m)
		default:
			all = append(all, []simulator.Message{m})
		}
		album = m.Album
	}
	return all
}

// sees waits until the files that answer a message, 0 for none, are these
// albums, told by the kinds of their parts.
func sees(who *simulator.Must, replyTo int, want ...[]string) (found [][]simulator.Message) {
	who.AwaitView(func(messages []simulator.Message) bool {
		found = albums(messages, replyTo)
		var kinds [][]string
		for _, album := range found {
			var k []string
			for _, m := range album {
				k = append(k, m.Attachment.Kind)
			}
			kinds = append(kinds, k)
		}
		return fmt.Sprint(kinds) == fmt.Sprint(want)
	})
	return found
}

// TestAlbumAdded: an album of a person is one album in the group, in reply to
// the card, its words once; it waits for its parts through a restart.
func TestAlbumAdded(t *testing.T) {
	t.Parallel()
	h := harness.Start(t)
	anna := h.Clerk()
	n := anna.Files()
	card := h.Card(n)
	anna.Press("Дополнить")
	anna.AwaitText("Дополнение")
	anna.SendAlbum(threePhotos("Три вида стойки")...)
	anna.Settled()
	h.CardReply(n, "Три вида стойки")
	h.Restart()
	h.Pass(2 * time.Second)
	album := sees(h.Engineer, card.ID, []string{"photo", "video", "photo"})[0]
	if got := h.Counted("Три вида стойки"); got != 1 {
		t.Errorf("its words came %d times", got)
	}
	if got := kinds(h.Filed(1)[0], incident.KindAdded); got != 3 {
		t.Errorf("%d additions in the history", got)
	}
	// Each part is known to be about the incident.
	anna.Mark()
	h.Engineer.Reply(album[2].ID, "На третьей не видно номера")
	anna.AwaitText("На третьей не видно номера")
}

// TestAlbumAnswers: the first part answers the question, and the others follow
// though nothing is asked any more, in the middle of another report too.
func TestAlbumAnswers(t *testing.T) {
	t.Parallel()
	h := harness.Start(t)
	anna := h.Clerk()
	n := anna.Files()
	card := h.Card(n)
	h.Engineer.Send("/ask " + string(n) + " Покажите индикаторы")
	asked := anna.AwaitText("Покажите индикаторы")
	anna.SendAlbum(threePhotos("")...)
	anna.Settled()
	h.Pass(2 * time.Second)
	visual := []string{"photo", "video", "photo"}
	sees(h.Engineer, card.ID, visual)
	if got := anna.Count("Куда отнести ваше сообщение?"); got != 0 {
		t.Errorf("a part of the album was asked about")
	}
	anna.Ask("/new", "Описание")
	anna.Replying(asked.ID).SendAlbum(
		simulator.AlbumItem{Kind: "document", File: scheme}, simulator.AlbumItem{Kind: "document", File: scheme})
	anna.Settled()
	h.Pass(2 * time.Second)
	sees(h.Engineer, card.ID, visual, []string{"document", "document"})
}

// TestAlbumOffered: an album out of the blue is asked about once, and goes
// whole where the person says.
func TestAlbumOffered(t *testing.T) {
	t.Parallel()
	h := harness.Start(t)
	anna := h.Clerk()
	n := anna.Files()
	card := h.Card(n)
	anna.SendAlbum(threePhotos("Вот что видно")...)
	anna.AwaitText("Куда отнести ваше сообщение?", "Вложения (3)")
	anna.Press("Дополнить №")
	anna.AwaitText("Добавили")
	h.Pass(2 * time.Second)
	sees(h.Engineer, card.ID, []string{"photo", "video", "photo"})
	h.CardReply(n, "Вот что видно")
}

// TestAlbumRegistered: the files of a report come as albums of ten at most,
// photos and videos apart from documents; what is alone goes by itself.
func TestAlbumRegistered(t *testing.T) {
	t.Parallel()
	h := harness.Start(t)
	anna := h.Clerk()
	anna.Reaches("Описание")
	anna.Ask(harness.UsualProblem, harness.SummaryHead)
	for range 2 {
		anna.SendDocument(scheme, "")
		for range 5 {
			anna.SendPhoto(photo, "")
		}
	}
	anna.SendVideo(video, "")
	anna.SendAnimation(simulator.File{Name: "мигает.mp4", Data: []byte("gif")}, "")
	anna.AwaitText(harness.SummaryHead, "Вложения (14)")
	card := h.Card(anna.Registers())
	var ten []string
	for range 10 {
		ten = append(ten, "photo")
	}
	sees(h.Engineer, card.ID, []string{"document", "document"}, ten, []string{"video"}, []string{"animation"})
}

// TestAlbumInBadWeather arrives whole whatever Telegram does to it.
func TestAlbumInBadWeather(t *testing.T) {
	t.Parallel()
	for _, kind := range []simulator.FaultKind{simulator.ServerError, simulator.Flood, simulator.CutAfter, simulator.Undecodable} {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			h := harness.Start(t, harness.Troubled)
			anna := h.Clerk()
			n := anna.Files()
			card := h.Card(n)
			h.Engineer.Mark()
			h.Telegram.Fault(simulator.Fault{Kind: kind, Methods: []string{"sendMediaGroup"}, Times: 1, RetryAfter: 1})
			anna.Send("/add " + string(n))
			anna.AwaitText("Дополнение")
			anna.SendAlbum(threePhotos("")...)
			anna.Settled()
			h.Hurries()
			visual := []string{"photo", "video", "photo"}
			want := [][]string{visual}
			if kind == simulator.CutAfter {
				want = append(want, visual) // nobody can know that it has arrived
			}
			sees(h.Engineer, card.ID, want...)
		})
	}
}

// TestAlbumWithABadFile: a part that Telegram refuses does not take the others
// with it.
func TestAlbumWithABadFile(t *testing.T) {
	t.Parallel()
	h := harness.Start(t, harness.Troubled)
	anna := h.Clerk()
	n := anna.Files()
	card := h.Card(n)
	anna.Press("Дополнить")
	anna.AwaitText("Дополнение")
	anna.SendPhoto(photo, "")
	good := sees(h.Engineer, card.ID, []string{"photo"})[0][0].Attachment.FileID
	var posts []outbox.Message
	for k, file := range []string{good, "spoilt", good} {
		posts = append(posts, outbox.Message{
			Key: fmt.Sprintf("spoilt:%d", k), Channel: outbox.Telegram, Number: n, Chat: outbox.DeskChat, Rank: outbox.RankRelay,
			ReplyToCard: true, Album: "spoilt", Body: fmt.Appendf(nil, `{"file":{"kind":"photo","file_id":%q}}`, file),
		})
	}
	if err := h.Program.Register.Put(h.Within(), posts...); err != nil {
		t.Fatal(err)
	}
	h.Pass(0)
	sees(h.Engineer, card.ID, []string{"photo"}, []string{"photo"}, []string{"photo"})
}
