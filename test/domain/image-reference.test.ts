import { describe, expect, test } from 'vitest';
import { isReferenceTo, repositoryOf } from '../../src/domain/image-reference.ts';

describe('references to images', () => {
  test.each([
    ['redis', 'redis'],
    ['redis:7', 'redis'],
    ['registry:5000/team/web', 'registry:5000/team/web'],
    ['registry:5000/team/web:1', 'registry:5000/team/web'],
    ['registry:5000/web:1@sha256:abc', 'registry:5000/web'],
  ])('%s is of repository %s', (reference, repository) => {
    expect(repositoryOf(reference)).toBe(repository);
  });

  test.each([
    ['redis', 'redis', true],
    ['redis:latest', 'redis', true],
    ['redis@sha256:abc', 'redis', true],
    ['redis@sha256:abc', 'redis:7', true],
    ['redis:7@sha256:abc', 'redis:7', true],
    ['redis:6', 'redis', false],
    ['redis:6@sha256:abc', 'redis:7', false],
    ['redis', 'redis:7', false],
    ['mirror:5000/redis@sha256:abc', 'redis', false],
    ['sha256:abc', 'redis', false],
  ])('%s as %s: %s', (image, wished, expected) => {
    expect(isReferenceTo(image, wished)).toBe(expected);
  });
});
