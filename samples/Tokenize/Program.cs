// Token ids, tokens and where they stand in the text; a pair; a long text in overlapping windows.
using SqueezeBert.Models;
using SqueezeBert.Tokenization;

var tokenizer = BertTokenizer.Load(PretrainedModels.Sentiment);
const string Text = "Unbelievably good!";
var encoding = tokenizer.Encode(Text);
for (var i = 0; i < encoding.Length; i++)
{
    var (start, end) = encoding.Offsets[i];
    Console.WriteLine($"{encoding.Ids[i],6}  {tokenizer.Vocabulary[encoding.Ids[i]],-12} '{Text[start..end]}'");
}

var pair = tokenizer.Encode("Is it good?", "It is.");
Console.WriteLine($"pair: {pair.Length} tokens, {pair.TypeIds.ToArray().Count(type => type == 1)} of the second text");

var windows = tokenizer.Encode(string.Join(' ', Enumerable.Repeat("word", 100)),
    new EncodingOptions { MaxLength = 32, Stride = 8, ReturnOverflowing = true });
Console.WriteLine($"windows: {1 + windows.Overflowing.Count}");
Console.WriteLine(tokenizer.Decode(encoding.Ids));
