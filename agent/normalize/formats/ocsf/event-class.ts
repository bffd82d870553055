interface EventClass {
  readonly uid: number;
  readonly name: string;
  readonly category: readonly [uid: number, name: string];
  readonly activities: Readonly<Record<number, string>>;
}

const OTHER = 99;

const CLASSES = {
  baseEvent: { uid: 0, name: 'Base Event', category: [0, 'Uncategorized'], activities: {} },
  detectionFinding: {
    uid: 2004,
    name: 'Detection Finding',
    category: [2, 'Findings'],
    activities: { 1: 'Create', 2: 'Update' },
  },
  apiActivity: {
    uid: 6003,
    name: 'API Activity',
    category: [6, 'Application Activity'],
    activities: { 1: 'Create', 2: 'Read', 3: 'Update', 4: 'Delete' },
  },
  scanActivity: {
    uid: 6007,
    name: 'Scan Activity',
    category: [6, 'Application Activity'],
    activities: { 2: 'Completed', 6: 'Error' },
  },
} as const satisfies Readonly<Record<string, EventClass>>;

/** Class, category, activity and type of an event. `otherName` tells of an activity that OCSF has no number for. */
export function classified(className: keyof typeof CLASSES, activityId: number, otherName = 'Other') {
  const { uid, name, category, activities }: EventClass = CLASSES[className];
  const activity = activityId === OTHER ? 'Other' : activities[activityId];
  return {
    activity_id: activityId,
    activity_name: activityId === OTHER ? otherName : activity,
    category_uid: category[0],
    category_name: category[1],
    class_uid: uid,
    class_name: name,
    type_uid: uid * 100 + activityId,
    type_name: `${name}: ${activity}`,
  };
}
