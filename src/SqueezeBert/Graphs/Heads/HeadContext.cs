using SqueezeBert.Checkpoints;
using SqueezeBert.Graphs.Architectures;
using SqueezeBert.Graphs.Nodes;

namespace SqueezeBert.Graphs.Heads;

/// <summary>What a head is built on.</summary>
/// <param name="Builder">Takes the operations; puts before parameters' names what a named head's begin with, else nothing.</param>
/// <param name="EncoderPrefix">Before the names of the encoder's parameters.</param>
/// <param name="Architecture">Knows where the head differs from BERT's.</param>
/// <param name="Configuration">Sizes, dropout, the labels of this head.</param>
/// <param name="Hidden">The last hidden state.</param>
/// <param name="First">What stands for a text; null where the head reads tokens.</param>
/// <param name="LanguageModelRows">The rows that a language model's logits are wanted for.</param>
/// <param name="UsedVocabulary">Pieces of the tokenizer: ids beyond them never win. Null: all rows count.</param>
internal sealed record HeadContext(
    GraphBuilder Builder, string EncoderPrefix, Architecture Architecture, ModelConfiguration Configuration, Node Hidden, Node? First,
    RowSet LanguageModelRows, int? UsedVocabulary);
