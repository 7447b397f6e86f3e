// Hidden states, one row a token: for a classifier of one's own, or to look into a model.
using SqueezeBert;

using var model = await SampleModel.OpenAsync(args, "SqueezeBertModel");
using var extractor = FeatureExtractor.Load(model.Path, new FeatureExtractorOptions { Layer = 1 });

const string Text = "It rains.";
TextFeatures features = extractor.Extract(Text);
for (var token = 0; token < features.TokenCount; token++)
{
    var (start, end) = features.Offsets.Span[token];
    Console.WriteLine(
        $"token '{Text[start..end]}': {string.Join(' ', features[token][..4].ToArray().Select(value => $"{value,6:0.00}"))} …");
}

Console.WriteLine($"width: {features.Width}");
