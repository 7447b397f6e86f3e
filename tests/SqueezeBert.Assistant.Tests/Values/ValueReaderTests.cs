using SqueezeBert.Assistant.Values;

namespace SqueezeBert.Assistant.Tests.Values;

/// <summary>What English words mean, on Monday, 4 May 2026, at nine in the morning.</summary>
public sealed class ValueReaderTests
{
    private static readonly DateTimeOffset Now = new(2026, 5, 4, 9, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("7", "7")]
    [InlineData("twenty five", "25")]
    [InlineData("twenty-five", "25")]
    [InlineData("two hundred and three", "203")]
    [InlineData("one thousand two hundred", "1200")]
    [InlineData("1,250.5", "1250.5")]
    [InlineData("3 million", "3000000")]
    [InlineData("half a million", "500000")]
    [InlineData("a dozen", "12")]
    [InlineData("two dozen", "24")]
    [InlineData("one and a half", "1.5")]
    [InlineData("two point five", "2.5")]
    [InlineData("minus five", "-5")]
    [InlineData("a hundred", "100")]
    [InlineData("nineteen", "19")]
    [InlineData("a hundred and five", "105")]
    [InlineData("a hundred twenty", "120")]
    [InlineData("a hundred thousand", "100000")]
    [InlineData("a thousand and five", "1005")]
    [InlineData("a thousand two hundred", "1200")]
    [InlineData("a million", "1000000")]
    [InlineData("a million and a half", "1500000")]
    [InlineData("two hundred and three and a half", "203.5")]
    [InlineData("1,000", "1000")]
    [InlineData("12,345.67", "12345.67")]
    [InlineData("1,234,567", "1234567")]
    [InlineData("1,50", "1.5")]
    [InlineData("1,5", "1.5")]
    [InlineData("3,5", "3.5")]
    [InlineData("1000,25", "1000.25")]
    [InlineData("0,5", "0.5")]
    [InlineData("minus 3,5", "-3.5")]
    [InlineData("1,5 million", "1500000")]
    [InlineData("1,2345", null)]
    [InlineData("12,34,567", null)]
    [InlineData("1234,567", null)]
    [InlineData("0,500", null)]
    [InlineData("1.250,50", null)]
    [InlineData("1,5,0", null)]
    [InlineData("1,50.5", null)]
    [InlineData("1,000,5", null)]
    [InlineData("banana", null)]
    [InlineData("five bananas", null)]
    [InlineData("", null)]
    public void ANumber(string text, string? expected) => Assert.Equal(expected, Read(text, ValueKind.Number));

    [Theory]
    [InlineData("the second one", "2")]
    [InlineData("22nd", "22")]
    [InlineData("twenty third", "23")]
    [InlineData("thirtieth", "30")]
    [InlineData("two", null)]
    public void AnOrdinal(string text, string? expected) => Assert.Equal(expected, Read(text, ValueKind.Ordinal));

    [Theory]
    [InlineData("today", "2026-05-04")]
    [InlineData("tomorrow", "2026-05-05")]
    [InlineData("the day after tomorrow", "2026-05-06")]
    [InlineData("Tuesday", "2026-05-05")]
    [InlineData("monday", "2026-05-11")]
    [InlineData("on friday", "2026-05-08")]
    [InlineData("next Tuesday", "2026-05-12")]
    [InlineData("this sun", "2026-05-10")]
    [InlineData("next week", "2026-05-11")]
    [InlineData("in three days", "2026-05-07")]
    [InlineData("in two weeks", "2026-05-18")]
    [InlineData("3 May", "2027-05-03")]
    [InlineData("May 5th", "2026-05-05")]
    [InlineData("the fifth of June 2028", "2028-06-05")]
    [InlineData("29 february", "2028-02-29")]
    [InlineData("february 29th 2028", "2028-02-29")]
    [InlineData("29 february 2027", null)]
    [InlineData("31 april", null)]
    [InlineData("30 february", null)]
    [InlineData("in 100 days", "2026-08-12")]
    [InlineData("in a hundred days", "2026-08-12")]
    [InlineData("in a week", "2026-05-11")]
    [InlineData("in a dozen weeks", "2026-07-27")]
    [InlineData("in 120 months", "2036-05-04")]
    [InlineData("in half a week", null)]
    [InlineData("in minus two days", null)]
    [InlineData("in 1,5 days", null)]
    [InlineData("in 40000 days", null)]
    [InlineData("in 9000 weeks", null)]
    [InlineData("in 9000 months", null)]
    [InlineData("2026-12-24", "2026-12-24")]
    [InlineData("24.12.2026", "2026-12-24")]
    [InlineData("31.4.2026", null)]
    [InlineData("someday", null)]
    public void ADay(string text, string? expected) => Assert.Equal(expected, Read(text, ValueKind.Date));

    [Theory]
    [InlineData("7", "07:00")]
    [InlineData("7:30", "07:30")]
    [InlineData("7:30 pm", "19:30")]
    [InlineData("7 a.m.", "07:00")]
    [InlineData("12 am", "00:00")]
    [InlineData("12 pm", "12:00")]
    [InlineData("half past seven", "07:30")]
    [InlineData("quarter to eight", "07:45")]
    [InlineData("ten past six in the evening", "18:10")]
    [InlineData("twenty minutes to one", "00:40")]
    [InlineData("seven thirty", "07:30")]
    [InlineData("seven oh five", "07:05")]
    [InlineData("at eight o'clock", "08:00")]
    [InlineData("noon", "12:00")]
    [InlineData("twelve noon", "12:00")]
    [InlineData("12 noon", "12:00")]
    [InlineData("midnight", "00:00")]
    [InlineData("twelve midnight", "00:00")]
    [InlineData("11 noon", null)]
    [InlineData("12 at night", "00:00")]
    [InlineData("12 o'clock at night", "00:00")]
    [InlineData("half past twelve at night", "00:30")]
    [InlineData("12 in the evening", "00:00")]
    [InlineData("1 at night", "01:00")]
    [InlineData("11 at night", "23:00")]
    [InlineData("quarter to one", "00:45")]
    [InlineData("quarter to one pm", "12:45")]
    [InlineData("quarter to one am", "00:45")]
    [InlineData("five to one in the afternoon", "12:55")]
    [InlineData("quarter to one at night", "00:45")]
    [InlineData("quarter to twelve pm", "23:45")]
    [InlineData("quarter to twelve am", "11:45")]
    [InlineData("quarter to twelve at night", "23:45")]
    [InlineData("00:30 at night", "00:30")]
    [InlineData("19:05", "19:05")]
    [InlineData("25:00", null)]
    [InlineData("7:61", null)]
    [InlineData("13 pm", "13:00")]
    [InlineData("0 pm", null)]
    public void ATime(string text, string? expected) => Assert.Equal(expected, Read(text, ValueKind.Time));

    [Theory]
    [InlineData("tomorrow at seven", "2026-05-05T07:00")]
    [InlineData("seven tomorrow", "2026-05-05T07:00")]
    [InlineData("at 7 pm on friday", "2026-05-08T19:00")]
    [InlineData("in 20 minutes", "2026-05-04T09:20")]
    [InlineData("in an hour and a half", "2026-05-04T10:30")]
    [InlineData("at ten", "2026-05-04T10:00")]
    [InlineData("at eight", "2026-05-05T08:00")]
    [InlineData("tonight at 8", "2026-05-04T20:00")]
    [InlineData("tonight at midnight", "2026-05-05T00:00")]
    [InlineData("midnight tonight", "2026-05-05T00:00")]
    [InlineData("tonight at 12", "2026-05-05T00:00")]
    [InlineData("at 12 tonight", "2026-05-05T00:00")]
    [InlineData("12 at night", "2026-05-05T00:00")]
    [InlineData("12 o'clock at night", "2026-05-05T00:00")]
    [InlineData("tonight at 00:30", "2026-05-05T00:30")]
    [InlineData("tonight at half past twelve", "2026-05-05T00:30")]
    [InlineData("tonight at quarter to one", "2026-05-05T00:45")]
    [InlineData("tonight at 2", "2026-05-05T02:00")]
    [InlineData("tonight at 1 am", "2026-05-05T01:00")]
    [InlineData("tonight at 11 pm", "2026-05-04T23:00")]
    [InlineData("tonight at 23:15", "2026-05-04T23:15")]
    [InlineData("this evening at 12", "2026-05-05T00:00")]
    [InlineData("this evening at 5", "2026-05-04T17:00")]
    [InlineData("tomorrow night at 1 am", "2026-05-06T01:00")]
    [InlineData("tomorrow night at 12", "2026-05-06T00:00")]
    [InlineData("tomorrow evening at midnight", "2026-05-06T00:00")]
    [InlineData("tomorrow evening at 7:30", "2026-05-05T19:30")]
    [InlineData("seven tomorrow evening", "2026-05-05T19:00")]
    [InlineData("tomorrow at 12 at night", "2026-05-06T00:00")]
    [InlineData("friday at 11 at night", "2026-05-08T23:00")]
    [InlineData("friday at midnight", "2026-05-08T00:00")]
    [InlineData("tomorrow evening at 11 am", null)]
    [InlineData("tonight at noon", null)]
    [InlineData("this afternoon at 9 am", null)]
    [InlineData("tomorrow morning at 3 pm", null)]
    [InlineData("this afternoon at quarter to one", "2026-05-04T12:45")]
    [InlineData("this afternoon at 12", "2026-05-04T12:00")]
    [InlineData("tomorrow afternoon at 3", "2026-05-05T15:00")]
    [InlineData("this afternoon at 11", null)]
    [InlineData("tomorrow morning at 12", "2026-05-05T12:00")]
    [InlineData("tomorrow morning at 7", "2026-05-05T07:00")]
    [InlineData("tomorrow at twelve noon", "2026-05-05T12:00")]
    [InlineData("in 100 days", "2026-08-12T09:00")]
    [InlineData("tomorrow evening", "2026-05-05T20:00")]
    [InlineData("tomorrow", null)]
    public void ADayWithATime(string text, string? expected) => Assert.Equal(expected, Read(text, ValueKind.DateTime));

    [Theory]
    [InlineData("ten minutes", "PT10M", 600)]
    [InlineData("an hour and a half", "PT1H30M", 5400)]
    [InlineData("half an hour", "PT30M", 1800)]
    [InlineData("two and a half hours", "PT2H30M", 9000)]
    [InlineData("1h 30m", "PT1H30M", 5400)]
    [InlineData("1 hour and 15 seconds", "PT1H15S", 3615)]
    [InlineData("3-minute", "PT3M", 180)]
    [InlineData("a week", "P7D", 604800)]
    [InlineData("a hundred minutes", "PT1H40M", 6000)]
    [InlineData("a half hour", "PT30M", 1800)]
    [InlineData("half hour", "PT30M", 1800)]
    [InlineData("half a minute", "PT30S", 30)]
    [InlineData("an hour and a quarter", "PT1H15M", 4500)]
    [InlineData("two hours and three quarters", "PT2H45M", 9900)]
    [InlineData("quarter of an hour", "PT15M", 900)]
    [InlineData("a quarter of an hour", "PT15M", 900)]
    [InlineData("a quarter hour", "PT15M", 900)]
    [InlineData("three quarters of an hour", "PT45M", 2700)]
    [InlineData("1,5 hours", "PT1H30M", 5400)]
    [InlineData("a dozen hours", "PT12H", 43200)]
    public void ADuration(string text, string expected, double seconds)
    {
        var value = ValueReader.Read(text, ValueKind.Duration, Now);
        Assert.Equal((expected, seconds), (value?.Text, value?.Number ?? double.NaN));
    }

    [Theory]
    [InlineData("$20", "20.00 USD")]
    [InlineData("20 dollars", "20.00 USD")]
    [InlineData("EUR 12.50", "12.50 EUR")]
    [InlineData("twelve euros and fifty cents", "12.50 EUR")]
    [InlineData("12 euros 5", "12.05 EUR")]
    [InlineData("50 cents", "0.50 USD")]
    [InlineData("five bucks", "5.00 USD")]
    [InlineData("a pound", "1.00 GBP")]
    [InlineData("fifty pence", "0.50 GBP")]
    [InlineData("50p", "0.50 GBP")]
    [InlineData("ten pence", "0.10 GBP")]
    [InlineData("a penny", "0.01 GBP")]
    [InlineData("a cent", "0.01 USD")]
    [InlineData("fifty euro cents", "0.50 EUR")]
    [InlineData("two pounds and 20p", "2.20 GBP")]
    [InlineData("two pounds and fifty cents", null)]
    [InlineData("twelve euros and fifty pence", null)]
    [InlineData("1,50 €", "1.50 EUR")]
    [InlineData("€1,50", "1.50 EUR")]
    [InlineData("$1,250", "1250.00 USD")]
    [InlineData("$1,2345", null)]
    [InlineData("a hundred and fifty dollars", "150.00 USD")]
    [InlineData("a thousand two hundred euros", "1200.00 EUR")]
    [InlineData("a hundred pounds", "100.00 GBP")]
    [InlineData("1.5 million dollars", "1500000.00 USD")]
    [InlineData("twenty", null)]
    public void Money(string text, string? expected) => Assert.Equal(expected, Read(text, ValueKind.Money));

    [Theory]
    [InlineData("tuesday", "2026-05-05T07:30")]
    [InlineData("half past eight", "2026-05-08T08:30")]
    [InlineData("tomorrow at ten", "2026-05-05T10:00")]
    public void ACorrectionKeepsThePartThatItDoesNotName(string text, string expected)
    {
        var before = ValueReader.Read("friday at half past seven", ValueKind.DateTime, Now);
        Assert.Equal("2026-05-08T07:30", before?.Text);
        Assert.Equal(expected, ValueReader.Amend(before, text, ValueKind.DateTime, Now)?.Text);
    }

    /// <summary>Behind midnight, the night is the one that it is.</summary>
    [Theory]
    [InlineData("tonight at 1 am", 0, "2026-05-04T01:00")]
    [InlineData("tonight at midnight", 0, "2026-05-05T00:00")]
    [InlineData("tonight at 8", 0, "2026-05-04T20:00")]
    [InlineData("tonight at 1", 23, "2026-05-05T01:00")]
    public void TonightIsSeenFromTheHour(string text, int hour, string expected) =>
        Assert.Equal(expected, ValueReader.Read(text, ValueKind.DateTime, Now.Date.AddHours(hour).AddMinutes(30))?.Text);

    [Theory]
    [InlineData("friday at 8 pm", "12 at night", "2026-05-09T00:00")]
    [InlineData("friday at 8 pm", "11 at night", "2026-05-08T23:00")]
    [InlineData("tonight at 12", "1 at night", "2026-05-05T01:00")]
    [InlineData("tonight at 8", "midnight", "2026-05-05T00:00")]
    [InlineData("tonight at 8", "at twelve midnight", "2026-05-05T00:00")]
    [InlineData("tonight at 8", "00:30", "2026-05-05T00:30")]
    [InlineData("tonight at 8", "1 am", "2026-05-05T01:00")]
    [InlineData("tonight at 8", "noon", "2026-05-04T12:00")]
    [InlineData("tonight at 1", "midnight", "2026-05-05T00:00")]
    [InlineData("friday at 8 pm", "midnight", "2026-05-09T00:00")]
    [InlineData("friday at 9 am", "midnight", "2026-05-09T00:00")]
    [InlineData("friday at midnight", "midnight", "2026-05-08T00:00")]
    [InlineData("friday at 8 pm", "00:30", "2026-05-08T00:30")]
    [InlineData("friday at 8 pm", "1 am", "2026-05-08T01:00")]
    [InlineData("friday at 8 pm", "saturday at midnight", "2026-05-09T00:00")]
    public void ACorrectionToTheNightMayBeBehindMidnight(string first, string text, string expected)
    {
        var before = ValueReader.Read(first, ValueKind.DateTime, Now);
        Assert.Equal(expected, ValueReader.Amend(before, text, ValueKind.DateTime, Now)?.Text);
    }

    [Fact]
    public void RepliesSayDurationsInWords()
    {
        Assert.Equal("1 hour 30 minutes", ValueReader.Read("90 minutes", ValueKind.Duration, Now)?.ToString());
        Assert.Equal("2026-05-05 07:00", ValueReader.Read("tomorrow at seven", ValueKind.DateTime, Now)?.ToString());
    }

    [Fact]
    public void NoWordsMakeItThrow()
    {
        // Of words that mean something, in any order, and of characters of all kinds.
        string[] words = ["in", "9999999999", "weeks", "next", "monday", "minus", "half", "a", "million", "m", "to", "past", "-", ":", "31",
            "may", "9999", "\ud800", "99:99", "1.1.0001", "$", "and", "tomorrow", "hours", "point", "hundred", "the", "month", "0",
            "tonight", "night", "at", "1,5", "1,000", "quarter", "29", "february", "pence", "euro", "noon"];
        var random = new Random(3);
        for (var i = 0; i < 20_000; i++)
        {
            var text = string.Join(' ', Enumerable.Range(0, random.Next(1, 7)).Select(_ => words[random.Next(words.Length)]));
            foreach (var kind in Enum.GetValues<ValueKind>()) ValueReader.Read(text, kind, Now);
            foreach (var kind in Enum.GetValues<ValueKind>()) ValueReader.Read(text, kind, DateTimeOffset.MaxValue);
            ValueReader.Read(text, ValueKind.DateTime, DateTimeOffset.MinValue);
        }
    }

    private static string? Read(string text, ValueKind kind) => ValueReader.Read(text, kind, Now)?.Text;
}
