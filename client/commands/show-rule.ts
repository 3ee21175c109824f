/** A rule's page, rendered. Without an argument a person picks the rule. */
import { commands, type ExtensionContext, Uri, window } from 'vscode';

export async function showRule(context: ExtensionContext, id?: string): Promise<void> {
  const rule =
    id ??
    (await window.showQuickPick(rulesOf(context), { title: 'Rules', placeHolder: 'family/mistake', matchOnDescription: true }))?.label;
  if (rule === undefined) return;
  await commands.executeCommand('markdown.showPreview', Uri.from({ scheme: 'tunelens-rule', path: `/${rule}.md` }));
}

/** The rules stand in the manifest, where their severities are set. */
function rulesOf(context: ExtensionContext): { readonly label: string; readonly description: string }[] {
  const manifest: { readonly contributes?: { readonly configuration?: { readonly properties?: Readonly<Record<string, Property>> } } } =
    context.extension.packageJSON;
  const rules = manifest.contributes?.configuration?.properties?.['tunelens.rules']?.properties ?? {};
  return Object.entries(rules).map(([label, { description }]) => ({ label, description: description ?? '' }));
}
interface Property {
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Property>>;
}
