package away

import "time"

// resolve is the day that a date means: the year that makes it believable, the order of
// day and month that its language, its weekday or the calendar asks for; of two that are
// left, the later.
func (d date) resolve(today time.Time, language string) (time.Time, bool) {
	if d.relative != nil {
		day := d.relative(today)
		return day, believable(day, today)
	}
	if d.noMonth {
		return d.nextDay(today)
	}
	orders := [][2]int{{d.day, d.month}}
	if d.slashed && language == "en" {
		orders = append(orders, [2]int{d.month, d.day})
	}
	var best time.Time
	matched := false
	for _, o := range orders {
		for _, year := range d.years(today) {
			day, ok := calendarDay(year, o[1], o[0])
			if !ok || !believable(day, today) {
				continue
			}
			proved := d.weekday != nil && day.Weekday() == *d.weekday
			if best.IsZero() || proved && !matched || proved == matched && day.After(best) {
				best, matched = day, proved
			}
		}
	}
	return best, !best.IsZero()
}

// nextDay is the next day of a month that has this number.
func (d date) nextDay(today time.Time) (time.Time, bool) {
	for ahead := range 3 {
		first := time.Date(today.Year(), today.Month()+time.Month(ahead), 1, 0, 0, 0, 0, time.UTC)
		if day, ok := calendarDay(first.Year(), int(first.Month()), d.day); ok && believable(day, today) {
			return day, true
		}
	}
	return time.Time{}, false
}

func (d date) years(today time.Time) []int {
	switch {
	case d.year >= 2000:
		return []int{d.year}
	case d.year > 0:
		return []int{2000 + d.year}
	}
	return []int{today.Year(), today.Year() + 1}
}

func calendarDay(year, month, day int) (time.Time, bool) {
	if month < 1 || month > 12 {
		return time.Time{}, false
	}
	if day == 99 {
		return time.Date(year, time.Month(month)+1, 0, 0, 0, 0, 0, time.UTC), true
	}
	t := time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC)
	return t, t.Day() == day && int(t.Month()) == month
}
