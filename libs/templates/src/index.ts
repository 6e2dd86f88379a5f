export { checkMjml } from './check-mjml.js';
export { checkTemplates, templateDiagnosticCodes, type TemplateDiagnosticCode } from './check-templates.js';
export { createRenderer, type RendererOptions } from './create-renderer.js';
