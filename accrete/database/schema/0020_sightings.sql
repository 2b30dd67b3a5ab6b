-- The sightings of a week are found without a look at those of all others: weeks are added up one by one (derive/weeks.py).
CREATE INDEX sighting_by_day ON sighting (person, local_day);
