import { Command, CommanderError } from 'commander';
import { EXIT } from '../domain/errors.ts';
import type { Flags, VerbContext } from './verb.ts';
import { CONSOLE, VERBS, type VerbSpec } from './verb-table.ts';

/** Runs the verb that was typed and gives its exit status; bad usage is told on standard error with status 2. */
export async function parseCommandLine(words: readonly string[], context: VerbContext): Promise<number> {
  let status: number = EXIT.ok;
  const program = new Command('pets-console')
    .description("Docker's network deployment models in your terminal: plan, run, watch and prove them on real engines.")
    .version(context.version)
    .helpCommand(false)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => context.stdout.write(text),
      writeErr: (text) => context.stderr.write(text),
      outputError: (text, write) => write(text.replace(/^error: /, '✕ ')),
    })
    .showSuggestionAfterError()
    .addHelpText(
      'after',
      '\nWithout a verb it opens the console.\n\nExit status: 0 ok, 1 a check failed, 2 bad usage or file, 3 obstacles, 4 an engine or the run failed, 70 a bug.',
    );
  const addAction = (command: Command, spec: VerbSpec) => {
    for (const { flags, summary, repeatable } of spec.flags) {
      if (repeatable) command.option(flags, summary, (value: string, before: string[] | undefined) => [...(before ?? []), value]);
      else command.option(flags, summary);
    }
    if (spec.examples.length > 0) command.addHelpText('after', `\nExamples:\n${spec.examples.map((line) => `  $ ${line}`).join('\n')}`);
    command.action(async () => {
      const action = await spec.load();
      status = await action(command.args, command.optsWithGlobals<Flags>(), context);
    });
  };
  for (const spec of VERBS) {
    const command = program
      .command(spec.usage, { hidden: spec.hidden === true })
      .summary(spec.summary)
      .description(spec.summary);
    addAction(command.copyInheritedSettings(program).showHelpAfterError(`  pets-console ${command.name()} --help`), spec);
  }
  // An unknown verb is told with the ones there are, by the console's own check.
  program.allowExcessArguments(true).showHelpAfterError('  pets-console --help');
  addAction(program, CONSOLE);
  try {
    await program.parseAsync([...words], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  }
  return status;
}
