/** The parts from which readers of further YAML files are made (rule tests are one); exported together as `readers`. */
export { isDate, isInstant, readLiteral } from './language/operand.js';
export { locale, timeZone } from './language/places.js';
export { categoryName, channel } from './language/policy-values.js';
export { chooseOne } from './language/choose-one.js';
export { ruleName, segmentName, templateName, webhookName } from './language/referred-names.js';
export { closestName } from './reading/closest-name.js';
export { type ListLimits, listOf, mapOf, oneOrList, readMap } from './reading/collections.js';
export { findEntry, mapStart, optional, readFields, required, unknownField, withDefault } from './reading/fields.js';
export { duration, durationWithin, percent, timeOfDay } from './reading/quantities.js';
export {
  checkName,
  eventName,
  isName,
  name,
  notAllowed,
  number,
  oneOf,
  readNumber,
  readScalar,
  text,
  truth,
  wholeNumber,
} from './reading/scalars.js';
