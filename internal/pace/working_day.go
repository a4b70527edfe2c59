package pace

import "time"

// MorningOf is eight o'clock, in the workspace's zone, of the first working day from a date on:
// Monday to Friday without the workspace's holidays.
func (c Calendar) MorningOf(date Date) (time.Time, error) {
	zone, err := c.location("")
	if err != nil {
		return time.Time{}, err
	}
	hours := Hours{Zone: zone, Holidays: c.Holidays}
	for range Horizon {
		if hours.SendsOn(date) {
			return date.At(8*60, zone), nil
		}
		date = date.Add(1)
	}
	return time.Time{}, ErrNever
}
