export { templateDiagnosticCodes, type TemplateDiagnosticCode } from './check-templates.js';
export { createRenderer, type RendererOptions } from './create-renderer.js';
export { findTemplateProblems } from './find-template-problems.js';
