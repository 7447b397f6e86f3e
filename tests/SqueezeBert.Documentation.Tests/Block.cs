namespace SqueezeBert.Documentation.Tests;

/// <summary>A fenced block of a page.</summary>
/// <param name="Line">The line of its first fence, counted from one.</param>
/// <param name="End">The index of the line of its last fence, counted from zero.</param>
/// <param name="Language">What stands behind the first fence: csharp, sh, console, …</param>
/// <param name="Text">The lines between the fences.</param>
internal sealed record Block(int Line, int End, string Language, string Text);
