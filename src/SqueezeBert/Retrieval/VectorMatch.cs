namespace SqueezeBert;

/// <summary>A vector that a search has found.</summary>
/// <param name="Row">Its place in the index, from 0: vectors keep the order in which they were added.</param>
/// <param name="Score">
/// The cosine with the query, in [-1, 1]; of bits without rescoring the share of equal signs less that of different ones.
/// </param>
public readonly record struct VectorMatch(int Row, float Score);
