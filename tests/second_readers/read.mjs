// Reads calendars as ical.js understands them: a JSON string a line in, a JSON list a line out.
import { createInterface } from "node:readline";
import ICAL from "ical.js";

const seconds = (time) => (time.isDate ? time.toString() : time.toUnixTime());

function read(text) {
  const calendar = new ICAL.Component(ICAL.parse(text));
  ICAL.TimezoneService.reset();
  for (const zone of calendar.getAllSubcomponents("vtimezone")) {
    ICAL.TimezoneService.register(zone);
  }
  return calendar.getAllSubcomponents("vevent").map((component) => {
    const event = new ICAL.Event(component);
    const ends = component.hasProperty("dtend") ? seconds(event.endDate) : null;
    return {
      uid: event.uid,
      summary: event.summary,
      description: event.description,
      location: event.location,
      starts: seconds(event.startDate),
      ends,
    };
  });
}

for await (const line of createInterface({ input: process.stdin })) {
  let answer;
  try {
    answer = read(JSON.parse(line));
  } catch (error) {
    answer = { error: String(error) };
  }
  process.stdout.write(JSON.stringify(answer) + "\n");
}
