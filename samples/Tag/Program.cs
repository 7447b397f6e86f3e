// Names in a text: the pieces of a word and the words of a name are put together, with their place in the text.
using SqueezeBert;

using var model = await SampleModel.OpenAsync(args, "SqueezeBertForTokenClassification", "O", "B-PER", "I-PER", "B-LOC", "I-LOC");
using var tagger = TokenClassifier.Load(model.Path, new TokenClassifierOptions { Aggregation = EntityAggregation.Simple });

const string Text = "Ada Lovelace lived in London.";
TokenClassification tags = tagger.Classify(Text);
foreach (var entity in tags.Entities) Console.WriteLine($"{entity.Label}: '{Text[entity.Start..entity.End]}' {entity.Score:0.00}");
Console.WriteLine($"tokens: {tags.Read.TokenCount}");
