package selfcheck

import (
	"os"
	"path/filepath"
	"time"

	"intakebot/storage"
)

// copiesLate is the age of the newest copy that shows that copies fail.
const copiesLate = 2 * time.Hour

// checkReplaced names the former databases beside the register.
func (c *Checkup) checkReplaced(f *findings) {
	all, err := storage.ReplacedBeside(c.SQLitePath)
	if err != nil {
		return // the folder itself is found wrong above
	}
	for _, one := range all {
		f.warn("Когда она больше не нужна, удалите её; при заданном RETENTION по его истечении её удалит бот.",
			"прежняя база с персональными данными лежит рядом: %s", filepath.Base(one.File))
	}
}

// checkCopies: whether BACKUP_DIR holds what a restoration needs.
func (c *Checkup) checkCopies(d storage.Condition, f *findings) {
	if c.BackupDir == "" {
		f.warn("Задайте BACKUP_DIR или копируйте базу сами: intakebot backup.", "BACKUP_DIR не задан: копии базы сами не делаются")
		return
	}
	newest := newestCopy(c.BackupDir)
	switch age := c.Now().Sub(newest); {
	case newest.IsZero() && d.Exists && d.InUse:
		f.warn("Подождите минуту и повторите; потом посмотрите журнал бота.", "в BACKUP_DIR ещё нет ни одной копии")
	case newest.IsZero():
		f.ok("копий в BACKUP_DIR ещё нет, бот сделает их сам")
	case age > copiesLate && d.InUse:
		f.fail("Посмотрите журнал бота: место и права в BACKUP_DIR.", "последняя копия базы от %s", newest.In(c.location()).Format("02.01.2006 15:04"))
	default:
		f.ok("последняя копия базы от %s", newest.In(c.location()).Format("02.01.2006 15:04"))
	}
	if free := storage.FreeBytes(c.BackupDir); free >= 0 && free < 2*d.Size {
		f.fail("Освободите место: копии остановятся.", "на диске копий осталось %s, а база занимает %s", size(free), size(d.Size))
	}
	if sameDisk(filepath.Dir(c.SQLitePath), c.BackupDir) {
		f.warn("Перенесите BACKUP_DIR на другой диск: вместе с этим пропадут и база, и копии.", "копии лежат на том же диске, что и база")
	}
}

// newestCopy is the time of the newest copy, zero when there is none.
func newestCopy(folder string) (newest time.Time) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return newest
	}
	for _, e := range entries {
		if at, err := time.Parse("incidents-20060102T150405Z.db", e.Name()); err == nil && at.After(newest) {
			newest = at
		}
	}
	return newest
}
