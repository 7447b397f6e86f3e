namespace SqueezeBert;

/// <summary>A vector that a search has found.</summary>
/// <param name="Row">The index of the vector, from 0, in the order in which vectors were added.</param>
/// <param name="Score">
/// The cosine similarity to the query, -1 to 1. For bits without rescoring, it is the share of equal signs minus the share of different
/// signs.
/// </param>
public readonly record struct VectorMatch(int Row, float Score);
