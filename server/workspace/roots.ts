/** Which folder is one project: what stands together shares its databases. */
import { readdirSync, readFileSync } from 'node:fs';
import { foldersUp } from './paths.ts';

const markers = new Set(
  'package.json pyproject.toml setup.py setup.cfg requirements.txt Pipfile go.mod Cargo.toml composer.json pom.xml Gemfile .git'.split(' '),
);

export interface ProjectRoots {
  /** The nearest folder, at or above this one, that holds a project; `top` where there is none below it. */
  of(folder: string, top: string): string;
  forget(): void;
}

export function createProjectRoots(): ProjectRoots {
  const known = new Map<string, boolean>();
  const isRoot = (folder: string): boolean => {
    let found = known.get(folder);
    if (found === undefined) {
      found = holdsMarker(folder);
      known.set(folder, found);
    }
    return found;
  };
  return {
    of(folder, top) {
      for (const at of foldersUp(folder)) {
        if (at === top || isRoot(at)) return at;
      }
      return top;
    },
    forget: () => known.clear(),
  };
}

/** The project that a folder named on the command line belongs to; the folder itself where there is none around it. */
export function projectAround(folder: string): string {
  for (const at of foldersUp(folder)) if (holdsMarker(at)) return at;
  return folder;
}

function holdsMarker(folder: string): boolean {
  try {
    return readdirSync(folder).some((name) => markers.has(name) && (name !== 'package.json' || isProject(`${folder}/${name}`)));
  } catch {
    // A folder that cannot be listed is told as unchecked by the walk; here it is only no project.
    return false;
  }
}

/** A package.json may only say how the files beside it are loaded (`{ "type": "commonjs" }`): they are still of the project around them. */
function isProject(manifest: string): boolean {
  const text = readFileSync(manifest, 'utf8').trim();
  return !/^\{\s*(?:"(?:type|private|sideEffects)"\s*:\s*(?:"[^"]*"|true|false)\s*,?\s*)+\}$/.test(text);
}
