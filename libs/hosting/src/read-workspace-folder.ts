export { readWorkspaceFolder, WorkspaceFolderError } from '#config';
