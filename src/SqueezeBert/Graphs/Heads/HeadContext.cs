using SqueezeBert.Checkpoints;
using SqueezeBert.Graphs.Architectures;
using SqueezeBert.Graphs.Nodes;

namespace SqueezeBert.Graphs.Heads;

/// <summary>The inputs for building a head.</summary>
/// <param name="Builder">The builder of the graph. Its prefix is that of a named head, or empty.</param>
/// <param name="EncoderPrefix">The prefix of the encoder's parameters.</param>
/// <param name="Architecture">The architecture, which knows the differences from BERT's heads.</param>
/// <param name="Configuration">The configuration with the sizes, the dropout and the labels of this head.</param>
/// <param name="Hidden">The last hidden state.</param>
/// <param name="First">The representation of a text, or null if the head reads tokens.</param>
/// <param name="LanguageModelRows">The rows for which a language model computes logits.</param>
/// <param name="UsedVocabulary">The number of tokens of the tokenizer; larger ids never win. Null uses all rows.</param>
internal sealed record HeadContext(
    GraphBuilder Builder, string EncoderPrefix, Architecture Architecture, ModelConfiguration Configuration, Node Hidden, Node? First,
    RowSet LanguageModelRows, int? UsedVocabulary);
