using SqueezeBert.Checkpoints;
using SqueezeBert.Configuration;
using SqueezeBert.Graphs.Ngrams;
using SqueezeBert.Graphs.Parameters;

namespace SqueezeBert.Graphs.Nodes;

/// <summary>
/// For each token, the mean of the table rows of the hashed character n-grams of its word. All pieces of a word have the same vector, and
/// special tokens have zeros. It reads no other value, only token ids and positions.
/// </summary>
/// <param name="table">[buckets, dimensions].</param>
/// <param name="ngrams">The lengths of the n-grams.</param>
/// <param name="pieces">The characters of the vocabulary. Null is enough for a graph that is not run.</param>
internal sealed class NgramNode(Parameter table, HashedNgrams ngrams, Lazy<WordPieces>? pieces)
    : SequenceWiseNode(table.Columns, RowSet.Tokens)
{
    public Parameter Table { get; } = table;

    public HashedNgrams Ngrams { get; } = ngrams;

    public Lazy<WordPieces>? Pieces { get; } = pieces;

    public override IReadOnlyList<ParameterExpression> Expressions => [Table];

    public override Node WithInputs(IReadOnlyList<Node> inputs) => new NgramNode(Table, Ngrams, Pieces);

    public override long Flops(long rows, long tokens) => 0;

    /// <summary>Returns the n-grams of words, for an operation that computes the node.</summary>
    /// <exception cref="InvalidModelFileException">The vocabulary is not there or cannot be read.</exception>
    public WordNgrams Words() => Pieces is null
        ? throw new InvalidModelFileException(
            ModelConfiguration.FileName, $"field '{HashedNgramFields.Field}'",
            "takes the characters of words from a vocabulary, and none was given; load the model with its tokenizer")
        : new WordNgrams(Pieces.Value, Ngrams);
}
